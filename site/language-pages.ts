import { getCollection } from 'astro:content';
import type { Manifest } from '../protocol/manifest.ts';
import { snippetById, snippets } from './snippets.ts';

export type LanguagePage = { path: string; title: string; manifest: Manifest; difference: { plain: string; multipath: string } };

/** The pages that teach a snippet, sorted by the snippet's title. A snippet without a page stops the build. */
export async function languagePages(): Promise<LanguagePage[]> {
  const pages = new Map<string, LanguagePage>();
  for (const { id, data } of await getCollection('docs')) {
    if (data.snippet === undefined || data.difference === undefined) continue;
    const { manifest } = snippetById(data.snippet);
    pages.set(data.snippet, { path: `${id}/`, title: manifest.title, manifest, difference: data.difference });
  }
  return snippets.map(({ id }) => {
    const page = pages.get(id);
    if (page === undefined)
      throw new Error(`snippets/${id}: expected a page with "snippet: ${id}" and its difference, found none`);
    return page;
  });
}
