import { readFileSync } from 'node:fs';
import { descendantsOf, proportionalBytes } from '../processes.ts';

/** Memory in bytes: of the runner, of all that it has started, and of the kernel for whatever it does on this machine. */
export type Memory = { runner: number; started: number; kernel: number };

export function memoryOf(runnerPid: number): Memory {
  return {
    runner: proportionalBytes(runnerPid),
    started: descendantsOf(runnerPid).reduce((sum, { pid }) => sum + proportionalBytes(pid), 0),
    kernel: kernelBytes(),
  };
}

/** Namespaces, sockets, interfaces, stacks and page tables; not what it can give back at any time (proc_meminfo(5)). */
function kernelBytes(): number {
  const text = readFileSync('/proc/meminfo', 'utf8');
  return ['SUnreclaim', 'KernelStack', 'PageTables', 'Percpu', 'VmallocUsed']
    .map((name) => 1024 * Number(new RegExp(`^${name}:\\s+(\\d+) kB$`, 'm').exec(text)?.[1] ?? 0))
    .reduce((sum, bytes) => sum + bytes, 0);
}
