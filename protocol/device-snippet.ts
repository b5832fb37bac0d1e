import * as v from 'valibot';
import { DEVICE_SERVICES, type DeviceService } from './device.ts';

/** In the sources, this stands for the machine of the runner: an address for documentation (RFC 5737). */
export const EXAMPLE_HOST = '192.0.2.1';
/** In the sources, these stand for the ports of the services; they are the runner's defaults too. */
export const EXAMPLE_PORTS: Record<DeviceService, string> = { hello: '8263', http: '8264' };

const words = v.pipe(v.string(), v.minLength(1));
const fileName = v.pipe(v.string(), v.regex(/^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$/, 'a plain file name'));

/** `snippets/<id>/device.json`: code for a system that no lab has. It is shown, and run on the reader's own device. */
export const deviceManifestSchema = v.strictObject({
  /** As it stands in a list: "Swift on iOS". */
  title: words,
  /** Where it runs: "iOS". */
  system: words,
  /** What it calls: "Network". */
  framework: words,
  /** The language of the first file, as the editor names it: "swift". */
  language: words,
  /** The version of the system since which it works so. */
  since: words,
  /** Which of the runner's services it speaks with. */
  service: v.picklist(DEVICE_SERVICES),
  /** In the order of their tabs. The first one is the program; it has EXAMPLE_HOST and the port once each. */
  files: v.pipe(v.array(fileName), v.minLength(1)),
});

export type DeviceManifest = v.InferOutput<typeof deviceManifestSchema>;

/** As it is kept: its manifest and the bytes of its files by name. */
export type DeviceSnippet = { id: string; manifest: DeviceManifest; sources: Record<string, string> };

/**
 * Makes device snippets of the files in `snippets/`, sorted by title.
 *
 * @param files text by path, e.g. `/snippets/swift-ios/Hello.swift`; files that no manifest names are left alone
 * @throws Error that lists every fault of every snippet, one line each
 */
export function deviceSnippetsOf(files: Record<string, string>): DeviceSnippet[] {
  const faults: string[] = [];
  const snippets: DeviceSnippet[] = [];
  for (const [path, text] of Object.entries(files).sort()) {
    const folder = path.match(/^(.*\/)device\.json$/)?.[1];
    if (folder === undefined) continue;
    const read = deviceSnippetOf(folder, text, files);
    if ('faults' in read) faults.push(...read.faults.map((fault) => `${path.replace(/^\//, '')}: ${fault}`));
    else snippets.push(read);
  }
  if (faults.length > 0) throw new Error(`Faulty snippets, nothing was built:\n  ${faults.join('\n  ')}`);
  return snippets.sort((a, b) => a.manifest.title.localeCompare(b.manifest.title, 'en'));
}

/** @throws Error that names the known ones */
export function deviceSnippetNamed(id: string, snippets: DeviceSnippet[]): DeviceSnippet {
  const snippet = snippets.find((candidate) => candidate.id === id);
  if (snippet !== undefined) return snippet;
  throw new Error(`No device snippet "${id}". Known: ${snippets.map((known) => known.id).join(', ') || 'none'}`);
}

function deviceSnippetOf(folder: string, text: string, files: Record<string, string>): DeviceSnippet | { faults: string[] } {
  const parsed = parseManifest(text);
  if ('faults' in parsed) return parsed;
  const { manifest } = parsed;
  const faults: string[] = [];
  const sources: Record<string, string> = {};
  for (const name of manifest.files) {
    const source = files[folder + name];
    if (source === undefined) faults.push(`files: expected the file ${name} beside device.json, found none`);
    else sources[name] = source;
  }
  const [program = ''] = manifest.files;
  const source = sources[program];
  for (const needed of [EXAMPLE_HOST, EXAMPLE_PORTS[manifest.service]]) {
    const found = (source ?? needed).split(needed).length - 1;
    if (found !== 1) faults.push(`files: expected ${needed} to stand once in ${program}, found it ${found} times`);
  }
  return faults.length > 0 ? { faults } : { id: folder.split('/').at(-2) ?? '', manifest, sources };
}

function parseManifest(text: string): { manifest: DeviceManifest } | { faults: string[] } {
  let input: unknown;
  try {
    input = JSON.parse(text);
  } catch (error) {
    return { faults: [`(whole file): expected JSON, found a fault: ${error instanceof Error ? error.message : String(error)}`] };
  }
  const result = v.safeParse(deviceManifestSchema, input);
  if (result.success) return { manifest: result.output };
  return {
    faults: result.issues.map(
      (issue) => `${v.getDotPath(issue) ?? '(whole file)'}: expected ${expectedBy(issue)}, found ${issue.received}`,
    ),
  };
}

function expectedBy({ expected, message }: v.BaseIssue<unknown>): string {
  return expected ?? message;
}
