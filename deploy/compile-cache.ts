import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { emulate } from '../image/emulation.ts';
import { execute } from './execute.ts';
import { nodeFlags } from './node-flags.ts';

/** What the runner and the doctor load at their start, in processes of their own. */
const LOADED = ['runner/main.ts', 'runner/preflight/preflight.ts', 'deploy/published.ts', 'runner/run/terminals/host.ts'];

/**
 * Compiles ahead what Node keeps compiled (nodejs.org/api/module.html, module compile cache): an emulated processor takes
 * 18 s to load the runner without it, and 5 s with it, and the process of terminals stays small. Paths are part of it, so the
 * staged folder is its root; by `--predictable` the same sources give the same bytes.
 *
 * @param stage the root filesystem, with Node and the product in it
 * @param product where the product is in it
 * @param cache the folder in it to be made
 */
export async function fillCompileCache(stage: string, product: string, cache: string): Promise<void> {
  const folder = join(stage, cache);
  await mkdir(folder);
  const root = ['--ro-bind', stage, '/', '--bind', folder, cache, '--proc', '/proc', '--dev', '/dev', '--tmpfs', '/tmp'];
  const load = LOADED.map((path) => `import ${JSON.stringify(join(product, path))};`).join('');
  const node = [`${product}/node_modules/.bin/node`, ...nodeFlags(), '--predictable', '--input-type=module', '--eval', load];
  const sandbox = [...(await emulate()).before, 'bwrap', '--unshare-all', '--die-with-parent', ...root];
  const environment = ['--setenv', 'NODE_COMPILE_CACHE', cache];
  await execute([...sandbox, ...environment, ...node]);
}
