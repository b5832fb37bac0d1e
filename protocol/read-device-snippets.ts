import { globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { type DeviceSnippet, deviceSnippetsOf } from './device-snippet.ts';

/**
 * All device snippets of a folder, sorted by title. For who has a file system; the pages' own code is given the files by
 * Vite.
 * @throws Error with every fault of every device.json
 */
export function readDeviceSnippets(folder: string): DeviceSnippet[] {
  const folders = globSync('*/device.json', { cwd: folder }).map((path) => path.replace(/device\.json$/, ''));
  const files = folders.flatMap((of) => globSync(`${of}*.*`, { cwd: folder }));
  return deviceSnippetsOf(
    Object.fromEntries(files.map((file) => [`/snippets/${file}`, readFileSync(join(folder, file), 'utf8')])),
  );
}
