import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Manifest } from '../protocol/manifest.ts';
import { snippetsOf } from '../protocol/snippet-files.ts';

type Group = { label: string; items: { slug: string; label: string }[] };

/**
 * The groups of snippet pages beside every page, each sorted by title. A snippet's page is at `languages/<id>` or
 * `programs/<id>`.
 *
 * @param folder of the snippets; read while the configuration is, before Vite is there to read it
 */
export function snippetGroups(folder: string): Group[] {
  const paths = readdirSync(folder, { recursive: true, encoding: 'utf8', withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name));
  const snippets = snippetsOf(Object.fromEntries(paths.map((path) => [path, readFileSync(path, 'utf8')])));
  const group = (label: string, holds: (manifest: Manifest) => boolean): Group => ({
    label,
    items: snippets
      .filter(({ manifest }) => holds(manifest))
      .map(({ id, manifest }) => ({ slug: `${manifest.kind}s/${id}`, label: manifest.title })),
  });
  return [
    group('On Linux', ({ kind, how }) => kind === 'language' && how === 'direct'),
    group('On Linux, by mptcpize', ({ kind, how }) => kind === 'language' && how !== 'direct'),
    group('Programs as they are', ({ kind }) => kind === 'program'),
  ].filter(({ items }) => items.length > 0);
}
