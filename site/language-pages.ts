import { getCollection } from 'astro:content';
import type { Manifest } from '../protocol/manifest.ts';
import { snippetById, snippets } from './snippets.ts';

export type LanguagePage = {
  snippet: string;
  path: string;
  title: string;
  manifest: Manifest;
  difference: { plain: string; multipath: string };
};

/** The pages that teach a snippet of this kind, sorted by the snippet's title. A snippet without a page stops the build. */
export async function languagePages(kind: Manifest['kind'] = 'language'): Promise<LanguagePage[]> {
  const pages = new Map<string, LanguagePage>();
  for (const { id, data } of await getCollection('docs')) {
    if (data.snippet === undefined || data.difference === undefined) continue;
    const { manifest } = snippetById(data.snippet);
    pages.set(data.snippet, {
      snippet: data.snippet,
      path: `${id}/`,
      title: manifest.title,
      manifest,
      difference: data.difference,
    });
  }
  const missing = snippets.find(({ id }) => !pages.has(id));
  if (missing !== undefined)
    throw new Error(`snippets/${missing.id}: expected a page with "snippet: ${missing.id}" and its difference, found none`);
  return [...pages.values()].filter((page) => page.manifest.kind === kind).sort((a, b) => a.title.localeCompare(b.title, 'en'));
}
