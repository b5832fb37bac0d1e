import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createWriteStream, existsSync } from 'node:fs';
import { mkdir, rename, rm, statfs, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { thisBuilder } from './builder.ts';
import { keepBuilds } from './builds.ts';
import { fillCaches } from './caches.ts';
import { checkRoot } from './check.ts';
import { openDownloads } from './downloads.ts';
import { emulate } from './emulation.ts';
import { explainFailure } from './failure.ts';
import { imageDir, imageRoot, isComplete, languageOfPackage, recipe, stateFile, type WrittenState } from './location.ts';
import { lockFile } from './lock.ts';
import { inNamespaces, mmdebstrapArguments, type Privilege } from './mmdebstrap.ts';
import { type Progress, type ProgressReader, readProgress } from './progress.ts';
import type { Made } from './ready.ts';
import { readRecipe, SOURCE_DATE_EPOCH_S } from './recipe.ts';
import { compileTools } from './tools.ts';

/**
 * Peak of a build: downloads, the tree that mmdebstrap fills, its tar and the unpacked root. Of a small image, and what
 * a package of the list adds on average to the one of all languages.
 */
const NEEDED_MB = 1_000;
const NEEDED_MB_A_PACKAGE = 300;

export class BuildFailed extends Error {}

export const privilege: Privilege = process.getuid?.() === 0 ? 'root' : 'user';

/**
 * Makes what is missing of the image and returns what that was; `null` for nothing. Waits for a builder that is at it
 * already, whose time is not counted.
 * What it throws is a BuildFailed with a sentence for a person, and so is the state that others read.
 *
 * A killed build leaves `<recipe>.partial`, which the next one removes, and the downloads, which it uses.
 * Resuming costs no download again, but the unpacking and installing that was done (about 20 s).
 */
export async function buildImage(report: (progress: Progress) => void, signal: AbortSignal): Promise<Made | null> {
  // Any uid must be able to read the image, whatever the umask was.
  process.umask(0o022);
  await mkdir(imageDir(), { recursive: true });
  using _lock = await lockFile(join(imageDir(), 'lock'), signal);
  if (isComplete()) return null;
  const startedMs = performance.now();
  const whole = !existsSync(imageRoot());
  const reader = readProgress(languageOfPackage());
  const note = reportAndWrite(report);
  await rm(logFile(), { force: true });
  try {
    if (whole) await buildRoot(reader, note, signal);
    await note(reader.begin('tools'));
    await compileTools(imageRoot());
    await note(reader.begin('caches'));
    await fillCaches(imageRoot(), (done, total, what) => note(reader.reached(done, total, what)));
    await note(reader.begin('builds'));
    await keepBuilds(imageRoot(), (done, total, what) => note(reader.reached(done, total, what)));
    await rm(stateFile(), { force: true });
    return { whole, ms: performance.now() - startedMs };
  } catch (cause) {
    await removeTree(partialDir());
    if (signal.aborted) {
      await rm(stateFile(), { force: true });
      throw cause;
    }
    const message = explainFailure(cause instanceof Error ? cause.message : String(cause), logFile());
    await writeState({ state: 'failed', message });
    throw new BuildFailed(message, { cause });
  }
}

async function buildRoot(
  reader: ProgressReader,
  note: (progress: Progress) => Promise<void>,
  signal: AbortSignal,
): Promise<void> {
  const partial = partialDir();
  await removeTree(partial);
  await needDisk();
  const paths = { downloads: await openDownloads(), tar: join(partial, 'root.tar') };
  // mmdebstrap fills a folder of its own in TMPDIR.
  for (const folder of [join(partial, 'tmp'), join(partial, 'root')]) await mkdir(folder, { recursive: true });
  await note(reader.begin('lists'));
  const wanted = readRecipe();
  const environment = {
    PATH: '/usr/sbin:/usr/bin:/sbin:/bin',
    LANG: 'C.UTF-8',
    TMPDIR: join(partial, 'tmp'),
    SOURCE_DATE_EPOCH: String(SOURCE_DATE_EPOCH_S),
    HOSTS: wanted.hosts,
  };
  const emulation = await emulate();
  const asRoot = inNamespaces(emulation.isRoot ? 'root' : privilege, mmdebstrapArguments(wanted, paths));
  await execute([...emulation.before, ...asRoot], environment, signal, (line) => note(reader.line(line)));
  await note(reader.begin('unpack'));
  // Unpacked outside of the namespaces, all files belong to whoever builds; the sandbox brings its own /dev.
  const unpack = ['tar', '-x', '-p', '--no-same-owner', '--exclude=./dev/*', '-f', paths.tar, '-C', join(partial, 'root')];
  await execute(unpack, environment, signal, async () => {});
  await note(reader.begin('check'));
  await checkRoot(join(partial, 'root'));
  await rm(paths.tar);
  await removeTree(join(partial, 'tmp'));
  await rename(partial, join(imageDir(), recipe()));
}

/** Also what belongs to subordinate uids of a user, which only a namespace with those ids may remove. */
export async function removeTree(path: string): Promise<void> {
  try {
    await rm(path, { recursive: true, force: true });
  } catch (cause) {
    if (privilege === 'root') throw cause;
    await execute(inNamespaces('user', ['rm', '-rf', '--one-file-system', path]), process.env, undefined, async () => {});
  }
}

async function needDisk(): Promise<void> {
  const { bavail, bsize } = await statfs(imageDir());
  const freeMb = (bavail * bsize) / 1e6;
  const neededMb = NEEDED_MB + NEEDED_MB_A_PACKAGE * readRecipe().packages.length;
  if (freeMb >= neededMb) return;
  throw new Error(`No space left on device: ${Math.floor(freeMb)} MB are free in ${imageDir()}, the build takes ${neededMb} MB`);
}

/** Resolves when the command ended with exit code 0; throws with all it printed otherwise. */
async function execute(
  argv: string[],
  env: NodeJS.ProcessEnv,
  signal: AbortSignal | undefined,
  onLine: (line: string) => Promise<void>,
): Promise<void> {
  const [command = '', ...args] = argv;
  const child = spawn(command, args, {
    env,
    stdio: ['ignore', 'ignore', 'pipe'],
    killSignal: 'SIGKILL',
    ...(signal && { signal }),
  });
  const ended = once(child, 'close');
  const log = createWriteStream(logFile(), { flags: 'a' });
  const printed: string[] = [];
  // Debian's tools write for a terminal: a carriage return ends a line too.
  const reading = (async () => {
    for await (const line of createInterface({ input: child.stderr, crlfDelay: Number.POSITIVE_INFINITY })) {
      printed.push(line);
      log.write(`${line}\n`);
      await onLine(line);
    }
  })();
  const [code] = await ended;
  await reading;
  log.end();
  if (code !== 0) throw new Error(`${printed.join('\n')}\n${command} ended with exit code ${code}`);
}

function partialDir(): string {
  return join(imageDir(), `${recipe()}.partial`);
}

function logFile(): string {
  return join(imageDir(), `${recipe()}.log`);
}

/** Tells each change once, to the caller and to whoever reads the state, one after the other. */
function reportAndWrite(report: (progress: Progress) => void): (progress: Progress) => Promise<void> {
  let last = '';
  let written: Promise<void> = Promise.resolve();
  return (progress) => {
    const text = `${progress.phase} ${progress.percent}`;
    if (text === last) return written;
    last = text;
    report(progress);
    written = written.then(() => writeState({ state: 'building', ...progress, builder: thisBuilder() }));
    return written;
  };
}

/** Written beside and renamed: a reader sees the old text or the new one, never a part. */
async function writeState(state: WrittenState): Promise<void> {
  const scratch = `${stateFile()}.${process.pid}`;
  await writeFile(scratch, JSON.stringify(state));
  await rename(scratch, stateFile());
}
