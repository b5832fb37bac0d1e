import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, rename, rm, writeFile } from 'node:fs/promises';
import { availableParallelism } from 'node:os';
import { dirname, join } from 'node:path';
import { executeIn } from './check.ts';
import { type BuildStep, buildSteps, cachesDir, titleOf } from './location.ts';
import type { Reached } from './progress.ts';

/** Where a program is built and run, in the image and in the sandbox alike. */
const HOME = '/home/u';

/** What was compiled ahead for the language is seen here, as in the sandbox. */
const CACHE = '/work';

/**
 * Compiles every snippet as its page shows it, so that a click on Run need not. What the build step left is kept beside the
 * sources, under a name made of their content.
 *
 * @throws Error with what the compiler said, for a snippet that does not compile
 */
export async function keepBuilds(root: string, reached: Reached): Promise<void> {
  const open = buildSteps().filter(({ path }) => !existsSync(path));
  const total = open.length;
  const work = async () => {
    for (let step = open.shift(); step !== undefined; step = open.shift()) {
      await reached(total - open.length - 1, total, titleOf(step.snippet));
      await keepBuild(root, step);
    }
  };
  await Promise.all(Array.from({ length: availableParallelism() }, work));
}

async function keepBuild(root: string, { path, argv, environment, files, cache }: BuildStep): Promise<void> {
  await mkdir(dirname(path), { recursive: true });
  const scratch = await mkdtemp(join(dirname(path), '.build-'));
  try {
    for (const [name, text] of Object.entries(files)) await writeFile(join(scratch, name), text);
    await executeIn(root, argv, {
      binds: [[scratch, HOME]],
      readOnly: cache === null ? [] : [[join(cachesDir(), cache), CACHE]],
      directory: HOME,
      environment,
    });
    // Any uid must be able to read it; nobody needs to write to it.
    await executeIn(root, ['chmod', '-R', 'a+rX', HOME], { binds: [[scratch, HOME]] });
    await rename(scratch, path);
  } finally {
    await rm(scratch, { recursive: true, force: true });
  }
}
