import { getCollection } from 'astro:content';
import type { DeviceManifest } from '../protocol/device-snippet.ts';
import { deviceSnippetById, deviceSnippets } from './device-snippets.ts';

export type DevicePage = { path: string; manifest: DeviceManifest; difference: { plain: string; multipath: string } };

/** The pages that teach code for the reader's own device, sorted by title. A snippet without a page stops the build. */
export async function devicePages(): Promise<DevicePage[]> {
  const pages = new Map<string, DevicePage>();
  for (const { id, data } of await getCollection('docs')) {
    if (data.device === undefined || data.difference === undefined) continue;
    const { manifest } = deviceSnippetById(data.device);
    pages.set(data.device, { path: `${id}/`, manifest, difference: data.difference });
  }
  return deviceSnippets.map(({ id }) => {
    const page = pages.get(id);
    if (page !== undefined) return page;
    throw new Error(`snippets/${id}: expected a page with "device: ${id}" and its difference, found none`);
  });
}
