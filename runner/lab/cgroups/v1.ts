import { mkdirSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import type { Cgroups, GroupLimits, MemoryWatch } from './cgroups.ts';
import { CONTROLLERS, type Controller } from './directories.ts';
import { numberAfter, prepareMove, read, refusedIn, removeSoon, write, writeIfThere } from './files.ts';
import { tcpBound } from './tcp-bound.ts';
import { ownGroupName, startUndertaker, sweep } from './undertaker.ts';

type Directories = Partial<Record<Controller, string>>;

/** Of a process that nobody changed. */
const USUAL_SHARES = 1024;

/**
 * Control groups of version 1 (Documentation/admin-guide/cgroup-v1 of the kernel), of those controllers that can be had.
 * All labs together have the CPU share of one usual process on each processor, and each run an equal part of it.
 * @throws Error when none can be had
 */
export function openV1(own: Directories, limits: GroupLimits, totalBytes: number): Cgroups {
  const name = ownGroupName();
  const tops: Directories = {};
  const denied: unknown[] = [];
  for (const [controller, directory] of entriesOf(own)) {
    try {
      sweep(directory);
      tops[controller] = makeGroup(directory, name);
    } catch (error) {
      denied.push(error);
    }
  }
  if (entriesOf(tops).length === 0) throw new Error('control groups of version 1 cannot be made', { cause: denied[0] });
  if (tops.memory !== undefined) setMemory(tops.memory, totalBytes);
  if (tops.cpu !== undefined) write(join(tops.cpu, 'cpu.shares'), USUAL_SHARES * availableParallelism());
  const undertaker = startUndertaker(directoriesOf(tops));

  return {
    version: 1,
    controllers: entriesOf(tops).map(([controller]) => controller),
    open(name) {
      const group: Directories = {};
      for (const [controller, top] of entriesOf(tops)) group[controller] = makeGroup(top, name);
      const { memory, pids, cpuacct } = group;
      if (memory !== undefined) setMemory(memory, limits.memoryBytes);
      const tcp = memory === undefined ? null : tcpBound(memory);
      if (pids !== undefined) write(join(pids, 'pids.max'), limits.processes);
      return {
        procs: directoriesOf(group).map((directory) => join(directory, 'cgroup.procs')),
        watchMemory: memory === undefined ? null : memoryWatches(memory, limits.memoryBytes),
        refusedProcesses: () => (pids === undefined ? 0 : refusedIn(join(pids, 'pids.events'))),
        cpuSeconds: () => (cpuacct === undefined ? null : Number(read(join(cpuacct, 'cpuacct.usage'))) / 1e9),
        tend: () => tcp?.tend(),
        close() {
          tcp?.close();
          return removeSoon(directoriesOf(group));
        },
      };
    },
    prepare: () => prepareMove(entriesOf(own).filter(([controller]) => tops[controller] !== undefined)[0]?.[1]),
    close: () => undertaker.close(),
  };
}

/** Two controllers may be mounted together, and then share their groups. */
function makeGroup(parent: string, name: string): string {
  const directory = join(parent, name);
  mkdirSync(directory, { recursive: true });
  return directory;
}

/** What is asked for at once, and cannot be had, leaves so much of the limit unused. */
const UNUSED_BYTES = 1024 * 1024;

/**
 * Begins watches. The largest use says whose limit it was; `memory.failcnt` stays 0 on some kernels. There is one such figure,
 * so whoever begins it anew keeps for the other watches what it was.
 */
function memoryWatches(directory: string, limitBytes: number): () => MemoryWatch {
  const most = join(directory, 'memory.max_usage_in_bytes');
  /** How many kills there had been when the group was last seen at its limit. */
  let killsAtLimit = 0;
  const look = (): number => {
    const kills = numberAfter('oom_kill', read(join(directory, 'memory.oom_control')));
    if (Number(read(most)) > limitBytes - UNUSED_BYTES) killsAtLimit = kills;
    return kills;
  };
  return () => {
    const killsBefore = look();
    write(most, 0);
    return () => {
      if (look() === killsBefore) return null;
      return killsAtLimit > killsBefore ? 'own' : 'all';
    };
  };
}

/** Memory, and memory with swap. */
function setMemory(directory: string, bytes: number): void {
  write(join(directory, 'memory.limit_in_bytes'), bytes);
  writeIfThere(join(directory, 'memory.memsw.limit_in_bytes'), bytes);
}

function entriesOf(groups: Directories): [Controller, string][] {
  return CONTROLLERS.flatMap((controller): [Controller, string][] => {
    const directory = groups[controller];
    return directory === undefined ? [] : [[controller, directory]];
  });
}

function directoriesOf(groups: Directories): string[] {
  return [...new Set(Object.values(groups))];
}
