import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Snippet } from './manifest.ts';
import { snippetsOf } from './snippet-files.ts';

/**
 * All snippets of a folder, sorted by title. For who has a file system; the pages' own code is given the files by Vite.
 * @throws Error with every fault of every manifest
 */
export function readSnippets(folder: string): Snippet[] {
  const files = readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name));
  return snippetsOf(Object.fromEntries(files.map((file) => [file, readFileSync(file, 'utf8')])));
}
