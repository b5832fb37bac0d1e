import { lstatSync, readdirSync } from 'node:fs';
import { join } from 'node:path';

/**
 * What a file or a folder takes on disk, in bytes; a file with several names counts once. What may not be read does not
 * count. Of an image with all languages it takes half a second, in which this process does nothing else.
 */
export function diskBytes(path: string, seen: Set<number> = new Set()): number {
  const stat = lstatSync(path);
  if (seen.has(stat.ino)) return 0;
  seen.add(stat.ino);
  // stat(2): blocks are of 512 bytes, whatever the file system's own are.
  const own = stat.blocks * 512;
  if (!stat.isDirectory()) return own;
  return namesIn(path).reduce((bytes, name) => bytes + diskBytes(join(path, name), seen), own);
}

function namesIn(folder: string): string[] {
  try {
    return readdirSync(folder);
  } catch {
    return [];
  }
}
