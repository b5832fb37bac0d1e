import { createHash } from 'node:crypto';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { basename, dirname, join } from 'node:path';
import * as v from 'valibot';
import type { ImageState } from '../protocol/status.ts';
import { isAlive } from './builder.ts';
import { readLanguages, readRecipe, recipeHash } from './recipe.ts';

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

/** The scripts of the languages in this image, absolute paths. */
export function cacheScripts(): string[] {
  const folder = join(import.meta.dirname, 'caches');
  const chosen = readLanguages().map((language) => `${language}.sh`);
  return readdirSync(folder)
    .filter((name) => chosen.includes(name))
    .sort()
    .map((name) => join(folder, name));
}

/** What of the image a lab shows to its programs. */
export function imagePlaces(): { imageRoot: string; toolsDir: string; cachesDir: string } {
  return { imageRoot: imageRoot(), toolsDir: toolsDir(), cachesDir: cachesDir() };
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
