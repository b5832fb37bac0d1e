import { existsSync, mkdirSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { basename, dirname, join } from 'node:path';
import type { Cgroups, GroupLimits } from './cgroups.ts';
import type { Controller } from './directories.ts';
import { numberAfter, prepareMove, read, refusedIn, removeSoon, wordsOf, write, writeIfThere } from './files.ts';
import { ownGroupName, startUndertaker, sweep } from './undertaker.ts';

const USUAL_WEIGHT = 100;
const MAX_WEIGHT = 10_000;
/** Where the processes of a group go that shares out its controllers. */
const ASIDE = 'hello-mptcp-runner';
const SHARE_ATTEMPTS = 100;
const NEEDED: Controller[] = ['memory', 'pids', 'cpu'];

/**
 * Control groups of version 2 (Documentation/admin-guide/cgroup-v2.rst of the kernel), below this process's own. As with
 * version 1, all labs together weigh as much as a usual process on each processor, and all runs the same.
 * @throws Error when they are not delegated to this process
 */
export function openV2(present: string, limits: GroupLimits, totalBytes: number): Cgroups {
  // Who opened them before in this process, as the doctor does, has moved it one down.
  const own = basename(present) === ASIDE ? dirname(present) : present;
  sweep(own);
  const home = shareOut(own, present);
  const top = join(own, ownGroupName());
  mkdirSync(top);
  write(join(top, 'cgroup.subtree_control'), NEEDED.map((name) => `+${name}`).join(' '));
  write(join(top, 'memory.max'), totalBytes);
  write(join(top, 'cpu.weight'), Math.min(USUAL_WEIGHT * availableParallelism(), MAX_WEIGHT));
  const undertaker = startUndertaker([top]);

  return {
    version: 2,
    controllers: [...NEEDED, 'cpuacct'],
    open(name) {
      const group = join(top, name);
      mkdirSync(group);
      write(join(group, 'memory.max'), limits.memoryBytes);
      writeIfThere(join(group, 'memory.swap.max'), 0);
      writeIfThere(join(group, 'memory.oom.group'), 1);
      write(join(group, 'pids.max'), limits.processes);
      return {
        procs: [join(group, 'cgroup.procs')],
        watchMemory() {
          const events = () => read(join(group, 'memory.events'));
          const before = events();
          const more = (name: string, now: string) => numberAfter(name, now) > numberAfter(name, before);
          return () => {
            const now = events();
            if (!more('oom_kill', now)) return null;
            return more('oom', now) ? 'own' : 'all';
          };
        },
        refusedProcesses: () => refusedIn(join(group, 'pids.events')),
        cpuSeconds: () => numberAfter('usage_usec', read(join(group, 'cpu.stat'))) / 1e6,
        tend: () => {},
        close: () => removeSoon([group]),
      };
    },
    prepare: () => prepareMove(home),
    close: () => undertaker.close(),
  };
}

/**
 * Controllers are shared out by a group without processes ("no internal process constraint"): they move one down. Gives where
 * this process is afterwards.
 */
function shareOut(own: string, present: string): string {
  const control = join(own, 'cgroup.subtree_control');
  const missing = NEEDED.filter((name) => !wordsOf(read(control)).includes(name));
  if (missing.length === 0) return present;
  const there = wordsOf(read(join(own, 'cgroup.controllers')));
  const lacking = missing.filter((name) => !there.includes(name));
  if (lacking.length > 0)
    throw new Error(`expected the controllers ${lacking.join(', ')} in ${own}, found ${there.join(', ') || 'none'}`);
  const share = () => write(control, missing.map((name) => `+${name}`).join(' '));
  // The constraint is not for the root of all groups, whose kernel threads could not be moved; it alone has no type.
  if (!existsSync(join(own, 'cgroup.type'))) {
    share();
    return present;
  }
  const aside = join(own, ASIDE);
  mkdirSync(aside, { recursive: true });
  for (let attempts = 1; ; attempts++) {
    for (const pid of wordsOf(read(join(own, 'cgroup.procs')))) move(pid, aside);
    try {
      share();
      return aside;
    } catch (error) {
      // One of them has started another meanwhile.
      if (codeOf(error) !== 'EBUSY' || attempts === SHARE_ATTEMPTS) throw error;
    }
  }
}

function move(pid: string, group: string): void {
  try {
    write(join(group, 'cgroup.procs'), pid);
  } catch (error) {
    // It has ended meanwhile.
    if (codeOf(error) !== 'ESRCH') throw error;
  }
}

function codeOf(error: unknown): unknown {
  return error instanceof Error && 'code' in error ? error.code : undefined;
}
