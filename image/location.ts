import { createHash } from 'node:crypto';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { basename, dirname, join } from 'node:path';
import * as v from 'valibot';
import { RUN_HOSTS, type RunHost, type Snippet } from '../protocol/manifest.ts';
import { readSnippets } from '../protocol/read-snippets.ts';
import type { ImageState } from '../protocol/status.ts';
import { isAlive } from './builder.ts';
import { readLanguages, readLeftOut, readRecipe, readSections, recipeHash } from './recipe.ts';

export { readLeftOut };

/** The name of the image that this checkout needs, by what it is made of. */
export function recipe(): string {
  return recipeHash(readRecipe());
}

/** The folder that holds all images: IMAGE_DIR, else the system's folder for root, else the user's cache. */
export function imageDir(environment: NodeJS.ProcessEnv = process.env): string {
  if (environment['IMAGE_DIR']) return environment['IMAGE_DIR'];
  if (process.getuid?.() === 0) return '/var/lib/hello-mptcp/image';
  return join(environment['XDG_CACHE_HOME'] || join(homedir(), '.cache'), 'hello-mptcp/image');
}

/** The root filesystem of the image. Any uid can read it, when root has made it. */
export function imageRoot(): string {
  return join(imageDir(), recipe(), 'root');
}

/** The compiled small programs of the project; use `toolPath` for one of them. */
export function toolsDir(): string {
  return join(imageDir(), recipe(), 'tools');
}

/**
 * The compiled program of a C source: `holder.c` -> `<tools>/holder-<hash of the source>`,
 * so that two checkouts with different sources can share one image.
 */
export function toolPath(source: string): string {
  return join(toolsDir(), hashedName(source, '.c'));
}

/** The C sources of the runner, absolute paths. */
export function toolSources(): string[] {
  const runner = join(dirname(import.meta.dirname), 'runner');
  return readdirSync(runner, { recursive: true, encoding: 'utf8' })
    .filter((path) => path.endsWith('.c'))
    .sort()
    .map((path) => join(runner, path));
}

/** What is compiled ahead for a language, so that a click need not wait for it; use `cachePath` for one of them. */
export function cachesDir(): string {
  return join(imageDir(), recipe(), 'caches');
}

/** The folder that a language's script fills: `go.sh` -> `<caches>/go-<hash of the script>`. */
export function cachePath(script: string): string {
  return join(cachesDir(), hashedName(script, '.sh'));
}

/** The folder in `cachesDir` that a snippet sees, by snippet. */
export function cacheNames(): Map<string, string> {
  const names = new Map(cacheScripts().map((script) => [basename(script, '.sh'), basename(cachePath(script))]));
  return new Map(
    [...cacheOwners()].flatMap(([id, owner]) => {
      const name = names.get(owner);
      return name === undefined ? [] : [[id, name]];
    }),
  );
}

/** Whose cache each snippet of this image sees: its own, or the one that its manifest names. */
function cacheOwners(): Map<string, string> {
  const named = new Map(snippets().map(({ id, manifest }) => [id, manifest.cache]));
  return new Map(readLanguages().map((id) => [id, named.get(id) ?? id]));
}

/** The scripts of the languages in this image, absolute paths. */
export function cacheScripts(): string[] {
  const folder = join(import.meta.dirname, 'caches');
  const chosen = new Set(cacheOwners().values());
  return readdirSync(folder)
    .filter((name) => chosen.has(basename(name, '.sh')))
    .sort()
    .map((name) => join(folder, name));
}

/** The snippets as their pages show them, compiled; use `buildName` for one of them. */
export function buildsDir(): string {
  return join(imageDir(), recipe(), 'builds');
}

/** A program that has to be compiled, and where its result is kept. `cache` is the name of a folder of `cachesDir`. */
export type BuildStep = {
  snippet: string;
  path: string;
  argv: string[];
  environment: Record<string, string>;
  files: Record<string, string>;
  cache: string | null;
};

/**
 * The name of the folder in which a program's build result is kept, by all that decides it: `go-client-<hash>`.
 * `null` for a program without a build step.
 *
 * @param snippet with the sources that are to be compiled; those of its other program do not count
 * @param cache the folder of `cachesDir` that it sees
 */
export function buildName({ id, manifest, sources }: Snippet, host: RunHost, cache: string | null): string | null {
  const { build, files } = manifest.programs[host];
  if (build === undefined) return null;
  const decides = [build, manifest.environment, cache, files.map((name) => [name, sources[name]])];
  return `${id}-${host}-${createHash('sha256').update(JSON.stringify(decides)).digest('hex').slice(0, 16)}`;
}

/** What is to be compiled of the languages in this image. */
export function buildSteps(): BuildStep[] {
  const chosen = readLanguages();
  const inImage = snippets().filter(({ id }) => chosen.includes(id));
  const caches = cacheNames();
  return inImage.flatMap((snippet) =>
    RUN_HOSTS.flatMap((host) => {
      const { manifest, sources } = snippet;
      const cache = caches.get(snippet.id) ?? null;
      const name = buildName(snippet, host, cache);
      const { build: argv, files } = manifest.programs[host];
      if (name === null || argv === undefined) return [];
      const own = Object.fromEntries(files.map((file) => [file, sources[file] ?? '']));
      const path = join(buildsDir(), name);
      return [{ snippet: snippet.id, path, argv, environment: manifest.environment, files: own, cache }];
    }),
  );
}

/** The language of each package that the list names, by the package's name. */
export function languageOfPackage(): Map<string, string> {
  const named = readSections();
  return new Map(readLanguages().flatMap((id) => (named.get(id) ?? []).map((name) => [name, titleOf(id)])));
}

/** As a person says it: "Go" for `go`. */
export function titleOf(id: string): string {
  return snippets().find((snippet) => snippet.id === id)?.manifest.title ?? id;
}

function snippets(): Snippet[] {
  return readSnippets(join(import.meta.dirname, '../snippets'));
}

/** What of the image a lab shows to its programs. */
export function imagePlaces(): {
  imageRoot: string;
  toolsDir: string;
  shell: string;
  cachesDir: string;
  buildsDir: string;
  enterLab: string;
} {
  return {
    imageRoot: imageRoot(),
    toolsDir: toolsDir(),
    shell: basename(toolPath(join(dirname(import.meta.dirname), 'runner/lab/lab-shell.c'))),
    cachesDir: cachesDir(),
    buildsDir: buildsDir(),
    enterLab: toolPath(join(dirname(import.meta.dirname), 'runner/lab/enter-lab.c')),
  };
}

/** Where a builder writes how far it is; beside the image, since it outlives a failed one. */
export function stateFile(): string {
  return join(imageDir(), `${recipe()}.state.json`);
}

/** How far the image is, tools included. Reads files only; any process may ask, also while another one builds. */
export function readImageState(): ImageState {
  const made = [imageRoot(), ...toolSources().map(toolPath), ...cacheScripts().map(cachePath)];
  if (made.every((path) => existsSync(path))) {
    return { state: 'ready', recipe: recipe() };
  }
  const written = parseState(readText(stateFile()));
  if (written?.state === 'failed') return { state: 'failed', message: written.message };
  // A builder that was killed left its last word behind: only a living one is building.
  if (written?.state === 'building' && isAlive(written.builder)) {
    return { state: 'building', phase: written.phase, percent: written.percent };
  }
  return { state: 'absent' };
}

/** Whether something is left to be made: what a lab needs, or a build result that a click could do without. */
export function isComplete(): boolean {
  return readImageState().state === 'ready' && buildSteps().every(({ path }) => existsSync(path));
}

/** What a builder writes: the two states that are not seen from the files themselves. */
export type WrittenState = v.InferOutput<typeof writtenStateSchema>;

const writtenStateSchema = v.variant('state', [
  v.strictObject({
    state: v.literal('building'),
    phase: v.string(),
    percent: v.pipe(v.number(), v.minValue(0), v.maxValue(100)),
    builder: v.strictObject({ pid: v.number(), startTicks: v.string() }),
  }),
  v.strictObject({ state: v.literal('failed'), message: v.string() }),
]);

/** `null` for no text, and for a text that another version wrote. */
function parseState(text: string | null): WrittenState | null {
  if (text === null) return null;
  try {
    const result = v.safeParse(writtenStateSchema, JSON.parse(text));
    return result.success ? result.output : null;
  } catch {
    return null;
  }
}

function hashedName(file: string, ending: string): string {
  const hash = createHash('sha256').update(readFileSync(file)).digest('hex').slice(0, 12);
  return `${basename(file, ending)}-${hash}`;
}

function readText(path: string): string | null {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return null;
  }
}
