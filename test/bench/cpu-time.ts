import { readdirSync, readFileSync } from 'node:fs';
import { descendantsOf, LAB_SHELL } from './processes.ts';

/** What reads the kernel in labs: their monitors and captures, and the shells that start these and `ss`. */
const TOOLS = new Set(['ip', 'tcpdump', 'sh', 'ss', LAB_SHELL]);

/**
 * Processor time so far of a runner and of all that it observes its labs with, in milliseconds; programs of learners and
 * what they start are left out, and so is what the kernel does for their packets.
 */
export function observingMs(runnerPid: number): { runner: number; tools: number } {
  const tools = descendantsOf(runnerPid).filter(({ name }) => TOOLS.has(name));
  return {
    runner: threadsMs(runnerPid),
    tools: tools.reduce((sum, { pid }) => sum + threadsMs(pid) + endedChildrenMs(pid), 0),
  };
}

/** To the nanosecond: the first number of each thread's schedstat (sched-stats in the kernel's documentation). */
function threadsMs(pid: number): number {
  const nanoseconds = namesIn(`/proc/${pid}/task`).map((task) =>
    Number(textOf(`/proc/${pid}/task/${task}/schedstat`).split(' ')[0]),
  );
  return nanoseconds.reduce((sum, value) => sum + value, 0) / 1e6;
}

/** Fields cutime and cstime, in hundredths of a second (proc_pid_stat(5)). */
function endedChildrenMs(pid: number): number {
  const fields = textOf(`/proc/${pid}/stat`)
    .replace(/^.*\) /s, '')
    .split(' ');
  return (Number(fields[13] ?? 0) + Number(fields[14] ?? 0)) * 10;
}

function namesIn(directory: string): string[] {
  try {
    return readdirSync(directory);
  } catch {
    return [];
  }
}

/** Empty for what has just ended. */
function textOf(path: string): string {
  try {
    return readFileSync(path, 'latin1');
  } catch {
    return '';
  }
}
