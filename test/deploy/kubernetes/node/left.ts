import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { isAlive, startTicks } from '../../../../image/builder.ts';
import { groupsNamed, type OwnMachine } from '../../own-machine.ts';

/** What a machine of its own has on this one. */
export type Traces = { processes: { pid: number; startTicks: string }[]; root: string; cgroup: string };

export function tracesOf({ pid, root, cgroup }: OwnMachine): Traces {
  return { processes: [pid, ...below(pid)].map((one) => ({ pid: one, startTicks: startTicks(one) ?? '' })), root, cgroup };
}

/** Of these, what is still there; nothing once the machine has ended. */
export function leftOf({ processes, root, cgroup }: Traces): string[] {
  return [
    ...processes.filter(isAlive).map(({ pid }) => `process ${pid}`),
    ...(existsSync(root) ? [`folder ${root}`] : []),
    ...groupsNamed(cgroup).map((group) => `control group ${group}`),
    ...(readFileSync('/proc/self/mountinfo', 'utf8').includes(root) ? [`a mount below ${root}`] : []),
  ];
}

/** Pids of all that hangs from a process (proc_pid_task(5), children): those of containers too. Each thread has its own. */
function below(pid: number): number[] {
  const threads = readdirSync(`/proc/${pid}/task`);
  const children = threads.flatMap((thread) => readFileSync(`/proc/${pid}/task/${thread}/children`, 'utf8').split(' '));
  return children
    .filter((child) => child !== '')
    .map(Number)
    .flatMap((child) => [child, ...below(child)]);
}
