import { createHash } from 'node:crypto';
import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { copyFile, mkdir, rename, rm, writeFile } from 'node:fs/promises';
import { join, relative } from 'node:path';
import { architecture } from '../../image/architecture.ts';
import { emulate } from '../../image/emulation.ts';
import { imageDir, recipe } from '../../image/location.ts';
import { SOURCE_DATE_EPOCH_S } from '../../image/recipe.ts';
import { siteFingerprint, sitePlace, top } from '../../setup/site-build.ts';
import { execute } from '../execute.ts';
import { stageMachine } from '../product.ts';
import { makeInitrd } from './initrd.ts';
import { getKernel, type Kernel } from './kernel.ts';

/**
 * A folder with all that a virtual machine is started from, and the script that starts it:
 *
 *   kernel  initrd  root.squashfs  architecture  start.sh
 */
export type VmImage = { folder: string; kernel: string; parts: { name: string; bytes: number }[] };

/** `lz4` is made and read faster, `zstd` is smaller. */
export const COMPRESSIONS = { zstd: ['-comp', 'zstd', '-Xcompression-level', '12'], lz4: ['-comp', 'lz4'] } as const;
export type Compression = keyof typeof COMPRESSIONS;

export function usualFolder(): string {
  return join(imageDir(), `${recipe()}.vm`);
}

/** Whether a folder has what these sources make. Debian's kernel is renewed on request alone. */
export function isCurrent(folder: string): boolean {
  return existsSync(join(folder, MADE_FROM)) && readFileSync(join(folder, MADE_FROM), 'utf8') === madeFrom();
}

/** @throws Error when the image or a tool is missing */
export async function makeVmImage(folder: string, compression: Compression, renewKernel: boolean): Promise<VmImage> {
  const kernel = await getKernel(renewKernel);
  const partial = `${folder}.partial`;
  await rm(partial, { recursive: true, force: true });
  await mkdir(partial, { recursive: true });
  try {
    await using stage = await stageMachine();
    await makeSquashfs(stage.folder, join(partial, 'root.squashfs'), compression);
    await copyFile(kernel.file, join(partial, 'kernel'));
    await writeFile(join(partial, 'initrd'), makeInitrd(kernel, (await emulate()).before));
    await writeFile(join(partial, 'architecture'), architecture() === 'arm64' ? 'aarch64\n' : 'x86_64\n');
    await copyFile(join(import.meta.dirname, 'start.sh'), join(partial, 'start.sh'));
    await writeFile(join(partial, MADE_FROM), madeFrom());
    await rm(folder, { recursive: true, force: true });
    await rename(partial, folder);
  } catch (cause) {
    await rm(partial, { recursive: true, force: true });
    throw cause;
  }
  return describe(folder, kernel);
}

const MADE_FROM = '.made-from';

/** mksquashfs(1): the same files give the same bytes, whoever owns them and whenever they were made. */
async function makeSquashfs(from: string, to: string, compression: Compression): Promise<void> {
  const time = String(SOURCE_DATE_EPOCH_S);
  const fixed = ['-all-root', '-no-xattrs', '-all-time', time, '-mkfs-time', time];
  await execute(['mksquashfs', from, to, ...COMPRESSIONS[compression], ...fixed, '-no-progress', '-quiet']);
}

function describe(folder: string, kernel: Kernel): VmImage {
  const parts = ['kernel', 'initrd', 'root.squashfs'].map((name) => ({ name, bytes: statSync(join(folder, name)).size }));
  return { folder, kernel: kernel.release, parts };
}

function madeFrom(): string {
  const hash = createHash('sha256').update(`${recipe()} ${siteFingerprint(top, sitePlace())}`);
  for (const folder of ['runner', 'image', 'deploy']) {
    const entries = readdirSync(join(top, folder), { recursive: true, withFileTypes: true });
    const files = entries.filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name));
    for (const path of files.sort()) hash.update(`\n${relative(top, path)}\n`).update(readFileSync(path));
  }
  return hash.digest('hex');
}
