import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, rename, rm } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { executeIn } from './check.ts';
import { cachePath, cacheScripts, titleOf } from './location.ts';
import type { Reached } from './progress.ts';

/**
 * Runs the scripts of `image/caches/` that have not been run yet: each one compiles libraries or standard modules of its
 * language into /work, inside the image. The sandbox of that language then shows the folder, read-only, at /work too.
 */
export async function fillCaches(root: string, reached: Reached): Promise<void> {
  const open = cacheScripts().filter((script) => !existsSync(cachePath(script)));
  for (const [done, script] of open.entries()) {
    await reached(done, open.length, titleOf(basename(script, '.sh')));
    await fillCache(root, script, cachePath(script));
  }
}

async function fillCache(root: string, script: string, folder: string): Promise<void> {
  await mkdir(dirname(folder), { recursive: true });
  const scratch = await mkdtemp(join(dirname(folder), '.fill-'));
  try {
    await executeIn(root, ['sh', '-e', `/lab/${basename(script)}`], {
      binds: [
        [scratch, '/work'],
        [dirname(script), '/lab'],
      ],
    });
    // Any uid must be able to read it; nobody needs to write to it.
    await executeIn(root, ['chmod', '-R', 'a+rX', '/work'], { binds: [[scratch, '/work']] });
    await rename(scratch, folder);
  } finally {
    await rm(scratch, { recursive: true, force: true });
  }
}
