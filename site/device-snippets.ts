import { type DeviceSnippet, deviceSnippetNamed, deviceSnippetsOf } from '../protocol/device-snippet.ts';

/** Read by Vite while the site is built. */
const files = import.meta.glob<string>('/snippets/*/*', { query: '?raw', import: 'default', eager: true });

/** Every snippet for the reader's own device, sorted by title. A faulty one stops the build. */
export const deviceSnippets: DeviceSnippet[] = deviceSnippetsOf(files);

/** The one with this id. An unknown id stops the build. */
export const deviceSnippetById = (id: string): DeviceSnippet => deviceSnippetNamed(id, deviceSnippets);
