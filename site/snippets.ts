import type { Snippet } from '../protocol/manifest.ts';
import { snippetNamed, snippetsOf } from '../protocol/snippet-files.ts';

/** Read by Vite while the site is built: what a page shows is what the runner runs. */
const files = import.meta.glob<string>('/snippets/*/*', { query: '?raw', import: 'default', eager: true });

/** Every snippet, sorted by title. A faulty one stops the build. */
export const snippets: Snippet[] = snippetsOf(files);

/** The snippet with this id. An unknown id stops the build. */
export const snippetById = (id: string): Snippet => snippetNamed(id, snippets);
