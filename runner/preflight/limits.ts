import { openCgroups } from '../lab/cgroups/cgroups.ts';
import { DEFAULT_LIMITS } from '../sandbox/limits.ts';
import type { Finding } from './finding.ts';

/** What setrlimit(2) sees to everywhere, and the sandbox. */
const EACH_PROCESS =
  'rlimits bound open files, file size, data and CPU time of each process, a tmpfs the disk, the runner time and output';

const WITHOUT = { memory: 'memory', pids: 'processes', cpu: 'the share of the CPU', cpuacct: 'CPU time' };

/** By what a run is bounded as a whole; tried, and taken away again. */
export async function limits(): Promise<Finding> {
  const base = { name: 'limits', title: 'Limits of a run', necessary: false } as const;
  const cgroups = openCgroups(DEFAULT_LIMITS);
  if ('why' in cgroups) {
    return {
      ...base,
      state: 'limited',
      found: `No control groups (${cgroups.why}). In force: ${EACH_PROCESS}; the runner adds up the memory of a run ten times a second. Not covered: memory between two looks, CPU time and share of all processes together, kernel memory such as that of sockets and pipes.`,
      remedy:
        '"systemd-run --user --scope -p Delegate=yes npm start" gives it some; in a container, set limits of the container.',
    };
  }
  const { version, controllers } = cgroups;
  await cgroups.close();
  const lacking = (['memory', 'pids', 'cpu', 'cpuacct'] as const).filter((name) => !controllers.includes(name));
  if (lacking.length === 0) {
    const found = `Control groups, version ${version}, bound memory with that of the kernel, processes, CPU time and share of each run; ${EACH_PROCESS}. Not covered: the bandwidth of memory and disk.`;
    return { ...base, state: 'ok', found, remedy: null };
  }
  const found = `Control groups, version ${version}, bound ${controllers.join(', ')}; ${EACH_PROCESS}. Not covered for all processes of a run together: ${lacking.map((name) => WITHOUT[name]).join(', ')}.`;
  return { ...base, state: 'limited', found, remedy: null };
}
