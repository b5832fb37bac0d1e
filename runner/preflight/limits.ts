import { openCgroups } from '../lab/cgroups/cgroups.ts';
import { DEFAULT_LIMITS } from '../sandbox/limits.ts';
import type { Finding } from './finding.ts';

/** By what a run is bounded as a whole; tried, and taken away again. */
export async function limits(): Promise<Finding> {
  const base = { name: 'limits', title: 'Limits of a run', necessary: false } as const;
  const cgroups = openCgroups(DEFAULT_LIMITS);
  if ('why' in cgroups) {
    return {
      ...base,
      state: 'limited',
      found: `No control groups (${cgroups.why}): the runner watches memory itself, CPU time is that of each process, kernel memory is not bounded.`,
      remedy:
        '"systemd-run --user --scope -p Delegate=yes npm start" gives it some; in a container, set limits of the container.',
    };
  }
  const { version, controllers } = cgroups;
  await cgroups.close();
  const lacking = (['memory', 'pids', 'cpu', 'cpuacct'] as const).filter((name) => !controllers.includes(name));
  if (lacking.length === 0) {
    return { ...base, state: 'ok', found: `Control groups, version ${version}, bound memory, processes and CPU.`, remedy: null };
  }
  const found = `Control groups, version ${version}, bound ${controllers.join(', ')}, but not ${lacking.join(', ')}: that is each process's own.`;
  return { ...base, state: 'limited', found, remedy: null };
}
