import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { execute } from '../execute.ts';
import { PRODUCT_PLACE } from '../product.ts';

/** Where Node looks for it in the machine (guest/machine, NODE_COMPILE_CACHE). */
const PLACE = `${PRODUCT_PLACE}/compile-cache`;

/** What the runner and the doctor load at their start. */
const LOADED = ['runner/main.ts', 'runner/preflight/preflight.ts', 'deploy/published.ts'];

/**
 * Compiles ahead what Node keeps compiled (nodejs.org/api/module.html, module compile cache): an emulated processor takes
 * 18 s to load the runner without it, and 5 s with it. Paths are part of it, so the staged folder is its root; by `--predictable`
 * the same sources give the same bytes.
 */
export async function fillCompileCache(stage: string): Promise<void> {
  const folder = join(stage, PLACE);
  await mkdir(folder);
  const root = ['--ro-bind', stage, '/', '--bind', folder, PLACE, '--proc', '/proc', '--dev', '/dev', '--tmpfs', '/tmp'];
  const load = LOADED.map((path) => `import ${JSON.stringify(join(PRODUCT_PLACE, path))};`).join('');
  const node = [`${PRODUCT_PLACE}/node_modules/.bin/node`, '--predictable', '--input-type=module', '--eval', load];
  const sandbox = ['bwrap', '--unshare-all', '--die-with-parent', ...root, '--setenv', 'NODE_COMPILE_CACHE', PLACE];
  await execute([...sandbox, ...node]);
}
