import { readdirSync, readFileSync } from 'node:fs';

export type Process = { pid: number; parent: number; name: string };

/** Everything alive that descends from a process, as /proc tells at this moment (proc_pid_stat(5)). */
export function descendantsOf(ancestor: number): Process[] {
  const all = readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .flatMap((pid) => processFrom(readKernelText(`/proc/${pid}/stat`)));
  const found = new Set([ancestor]);
  // A parent may have a higher number than its child: look until nothing is added.
  for (let before = 0; before !== found.size; ) {
    before = found.size;
    for (const { pid, parent } of all) if (found.has(parent)) found.add(pid);
  }
  return all.filter(({ pid }) => pid !== ancestor && found.has(pid));
}

/** Proportional set size: memory of its own, and its part of what it shares (proc_pid_smaps(5)). */
export function proportionalBytes(pid: number): number {
  const kibibytes = /^Pss:\s+(\d+) kB$/m.exec(readKernelText(`/proc/${pid}/smaps_rollup`))?.[1];
  return Number(kibibytes ?? 0) * 1024;
}

/** The first process of a lab. */
export const LAB_SHELL = 'lab-shell';

/** Its file has a hash behind the name (image/location.ts), and a process the first 15 letters of both (proc_pid_comm(5)). */
function plainName(name: string): string {
  return name.startsWith(`${LAB_SHELL}-`) ? LAB_SHELL : name;
}

/** `1234 (name) S 1233 ...`; the name may hold spaces and parentheses. Z has ended, and waits to be asked how. */
function processFrom(stat: string): Process[] {
  const found = /^(\d+) \((.*)\) [^Z] (\d+) /s.exec(stat);
  return found === null ? [] : [{ pid: Number(found[1]), name: plainName(found[2] ?? ''), parent: Number(found[3]) }];
}

/** Empty for a process that has just ended. */
function readKernelText(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return '';
  }
}
