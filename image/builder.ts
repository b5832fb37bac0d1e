import { readFileSync } from 'node:fs';

/** A process, told apart from a later one with the same pid by its start, in clock ticks since boot (proc_pid_stat(5), field 22). */
export type Builder = { pid: number; startTicks: string };

export function thisBuilder(): Builder {
  return { pid: process.pid, startTicks: startTicks(process.pid) ?? '' };
}

export function isAlive(builder: Builder): boolean {
  return startTicks(builder.pid) === builder.startTicks;
}

/** `null` for a process that is gone, or dead and not yet waited for. */
export function startTicks(pid: number): string | null {
  let stat: string;
  try {
    stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
  } catch {
    return null;
  }
  // The second field is a name in parentheses that may hold anything; the third one follows the last parenthesis.
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  return fields[0] === 'Z' ? null : (fields[19] ?? null);
}
