import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { cpio } from './cpio.ts';
import { builtInModules, type Kernel } from './kernel.ts';
import { modulesInOrder } from './modules.ts';

/**
 * What the kernel starts with: busybox, the modules of this kernel, and two scripts. `init` loads the modules and mounts the
 * disk; `machine` goes on from there. All that depends on the kernel is here, and nothing of it on the disk.
 *
 * @param emulated what stands before a program of the machine, to be executed here (image/emulation.ts)
 */
export function makeInitrd(kernel: Kernel, emulated: string[]): Buffer {
  const modules = modulesInOrder(kernel.modules, [...emulated, kernel.busybox, 'xzcat'], builtInModules(kernel));
  const script = (name: string) => readFileSync(join(import.meta.dirname, 'guest', name));
  const folders = ['bin', 'dev', 'disk', 'modules', 'proc', 'sys'].map((path) => ({ path, mode: 0o755, content: null }));
  const files = [
    { path: 'init', mode: 0o755, content: script('init') },
    { path: 'machine', mode: 0o755, content: script('machine') },
    { path: 'bin/busybox', mode: 0o755, content: readFileSync(kernel.busybox) },
    { path: 'modules/order', mode: 0o644, content: Buffer.from(modules.map(({ name }) => `${name}\n`).join('')) },
    ...modules.map(({ name, content }) => ({ path: `modules/${name}.ko`, mode: 0o644, content })),
  ];
  return gzipSync(cpio([...folders, ...files]), { level: 9 });
}
