import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { stat, writeFile } from 'node:fs/promises';
import { pipeline } from 'node:stream/promises';
import { promisify } from 'node:util';
import { SOURCE_DATE_EPOCH_S } from './recipe.ts';
import { installedPackages } from './versions.ts';

/** A tar of a root filesystem, the list of its packages beside it, and what tells two of them apart. */
export type RootTar = { file: string; list: string; bytes: number; sha256: string; packages: number };

/** Packs the root of an image. The list of packages with their versions is kept as `<file>.packages`. */
export async function writeRootTar(root: string, file: string): Promise<RootTar> {
  await promisify(execFile)('tar', tarArguments(root, file));
  const packages = installedPackages(root);
  const list = `${file}.packages`;
  await writeFile(list, packages.map(({ name, version, architecture }) => `${name} ${version} ${architecture}\n`).join(''));
  const hash = createHash('sha256');
  await pipeline(createReadStream(file), hash);
  return { file, list, bytes: (await stat(file)).size, sha256: hash.digest('hex'), packages: packages.length };
}

/**
 * For tar(1): the same files give the same bytes, wherever and whenever. Names are in order, nobody owns anything, and no time
 * is after that of the recipe (reproducible-builds.org, "Archive metadata"). Files with several names are written once.
 */
export function tarArguments(folder: string, file: string): string[] {
  return [
    ...['--create', '--file', file, '--directory', folder, '--sort=name', '--format=posix'],
    '--pax-option=exthdr.name=%d/PaxHeaders/%f,delete=atime,delete=ctime',
    ...[`--mtime=@${SOURCE_DATE_EPOCH_S}`, '--clamp-mtime', '--numeric-owner', '--owner=0', '--group=0'],
    '.',
  ];
}
