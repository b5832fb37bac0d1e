import { existsSync } from 'node:fs';
import { readdir, rmdir } from 'node:fs/promises';
import { join } from 'node:path';
import { removeTree } from './build.ts';
import { diskBytes } from './disk-bytes.ts';
import { imageDir } from './location.ts';
import { lockFile } from './lock.ts';

/**
 * Removes the images of all recipes, virtual machines, downloads and what is half-built; waits for a builder. Anything else in
 * IMAGE_DIR stays. Returns the bytes freed on disk.
 */
export async function removeImages(): Promise<number> {
  if (!existsSync(imageDir())) return 0;
  using _lock = await lockFile(join(imageDir(), 'lock'));
  let freedBytes = 0;
  for (const name of await readdir(imageDir())) {
    if (!OWN_NAMES.test(name)) continue;
    freedBytes += diskBytes(join(imageDir(), name));
    await removeTree(join(imageDir(), name));
  }
  if ((await readdir(imageDir())).length === 0) await rmdir(imageDir());
  return freedBytes;
}

const OWN_NAMES =
  /^([0-9a-f]{16}(\.vm)?(\.partial|\.stage-\d+|\.log|\.state\.json(\.\d+)?)?|(kernel-[0-9a-f]{16}|node-linux-\w+-[\d.]+)(\.partial)?|downloads|lock)$/;
