import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { readdirSync, readFileSync, statSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { showElapsed } from './elapsed.mjs';

export const top = dirname(import.meta.dirname);
export const siteDir = join(top, 'dist');

/** What a site is made of, beside BASE and SITE. */
const SOURCES = ['site', 'protocol', 'snippets', 'astro.config.mjs', 'package-lock.json'];

/** A file of the site itself: the fingerprint of what it was built from. It is written last, so a half-built site has none. */
const BUILT_FROM = '.built-from';

/** Where a site is served: BASE, a path, "/" if not set; SITE, an origin for canonical links, may be left out. */
export type SitePlace = { base: string; site: string };

export function sitePlace(environment: NodeJS.ProcessEnv = process.env): SitePlace {
  return { base: environment.BASE ?? '/', site: environment.SITE ?? '' };
}

/** Changes whenever the built site could: the names and bytes of all sources, and the place. */
export function siteFingerprint(folder: string, place: SitePlace): string {
  const hash = createHash('sha256').update(JSON.stringify(place));
  for (const source of SOURCES) {
    for (const path of filesOf(join(folder, source))) {
      const bytes = readFileSync(path);
      hash.update(`\n${path.slice(folder.length)} ${bytes.length}\n`).update(bytes);
    }
  }
  return hash.digest('hex');
}

export function builtFrom(out: string): string | null {
  try {
    return readFileSync(join(out, BUILT_FROM), 'utf8');
  } catch {
    return null;
  }
}

export function builtFromFile(out: string): string {
  return join(out, BUILT_FROM);
}

/**
 * Builds the site when its sources have changed. Returns what went wrong, with all that was printed, or `null`.
 * `quiet` leaves the line of progress to the image, which is built at the same time.
 */
export async function ensureSite(quiet = false): Promise<string | null> {
  if (builtFrom(siteDir) === siteFingerprint(top, sitePlace())) return null;
  const display = showElapsed('Building the site', quiet);
  const child = spawn(process.execPath, [join(top, 'setup/build-site.ts')], {
    cwd: top,
    stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
  });
  const printed: Buffer[] = [];
  for (const stream of [child.stdout, child.stderr]) stream?.on('data', (chunk: Buffer) => printed.push(chunk));
  const { promise, resolve } = Promise.withResolvers<number | null>();
  child.once('close', resolve);
  const code = await promise;
  display.end(code === 0 ? 'Built the site' : 'Building the site failed');
  return code === 0
    ? null
    : `${Buffer.concat(printed)}\nThe site could not be built: the lines above say why; "npm run check" may say more.`;
}

/** All files below a folder, or the file itself, in a stable order. */
function filesOf(path: string): string[] {
  if (!statSync(path).isDirectory()) return [path];
  return readdirSync(path, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name))
    .sort();
}
