import { parseManifest, type Snippet } from './manifest.ts';

/**
 * Makes snippets of the files in `snippets/`, sorted by title.
 *
 * @param files text by path, e.g. `/snippets/python/client.py`; files that no manifest names are left alone
 * @throws Error that lists every fault of every snippet, one line each
 */
export function snippetsOf(files: Record<string, string>): Snippet[] {
  const faults: string[] = [];
  const snippets: Snippet[] = [];
  for (const [path, text] of Object.entries(files).sort()) {
    const folder = path.match(/^(.*\/)manifest\.json$/)?.[1];
    if (folder === undefined) continue;
    const snippet = snippetOf(folder, text, files);
    if ('faults' in snippet) faults.push(...snippet.faults.map((fault) => `${path.replace(/^\//, '')}: ${fault}`));
    else snippets.push(snippet);
  }
  if (faults.length > 0) throw new Error(`Faulty snippets, nothing was built:\n  ${faults.join('\n  ')}`);
  return snippets.sort((a, b) => a.manifest.title.localeCompare(b.manifest.title, 'en'));
}

/** @throws Error that names the known snippets */
export function snippetNamed(id: string, snippets: Snippet[]): Snippet {
  const snippet = snippets.find((candidate) => candidate.id === id);
  if (snippet !== undefined) return snippet;
  throw new Error(`No snippet "${id}". Known: ${snippets.map((known) => known.id).join(', ') || 'none'}`);
}

function snippetOf(folder: string, manifestText: string, files: Record<string, string>): Snippet | { faults: string[] } {
  const json = parseJson(manifestText);
  if ('fault' in json) return { faults: [json.fault] };
  const parsed = parseManifest(json.value);
  if ('faults' in parsed) return parsed;

  const { client, server } = parsed.manifest.programs;
  const sources: Record<string, string> = {};
  const faults: string[] = [];
  for (const name of new Set([...client.files, ...server.files])) {
    const source = files[folder + name];
    if (source === undefined) faults.push(`programs: expected the file ${name} beside the manifest, found none`);
    else sources[name] = source;
  }
  for (const { title, file, edits } of parsed.manifest.experiments) {
    for (const { find } of edits) {
      const found = (sources[file] ?? '').split(find).length - 1;
      if (found !== 1)
        faults.push(`experiments: expected "${find}" of "${title}" to stand once in ${file}, found it ${found} times`);
    }
  }
  if (faults.length > 0) return { faults };
  return { id: folder.split('/').at(-2) ?? '', manifest: parsed.manifest, sources };
}

function parseJson(text: string): { value: unknown } | { fault: string } {
  try {
    return { value: JSON.parse(text) };
  } catch (error) {
    return { fault: `(whole file): expected JSON, found a fault: ${error instanceof Error ? error.message : String(error)}` };
  }
}
