import { existsSync } from 'node:fs';
import { totalmem } from 'node:os';
import { type Controller, ownGroups } from './directories.ts';
import { read } from './files.ts';
import { openV1 } from './v1.ts';
import { openV2 } from './v2.ts';

/** What the processes of one group may take together. */
export type GroupLimits = { memoryBytes: number; processes: number };

/**
 * Whether the kernel has killed a process of the group since the watch began, because the group came to its own limit, or
 * because there was no memory around it; `null` when it has not.
 */
export type MemoryWatch = () => 'own' | 'all' | null;

/** The control group of the runs of one host, one after the other. */
export type Group = {
  /** Files to which a process writes "0" to be in the group, with all that it starts. */
  procs: string[];
  /** Watches its memory from now on; `null` when nothing bounds it. */
  watchMemory: (() => MemoryWatch) | null;
  /** How often a process was refused because there were so many; 0 where nothing counts it. */
  refusedProcesses(): number;
  /** CPU time of all processes so far; `null` when no controller counts it. */
  cpuSeconds(): number | null;
  /** To be called now and then while processes run in it: corrects what the kernel counts wrongly. */
  tend(): void;
  /** Takes the group away, soon after its last process. */
  close(): Promise<void>;
};

/** The control groups of a runner (cgroups(7)), below its own. They go with the runner, however it ends. */
export type Cgroups = {
  version: 1 | 2;
  /** Those that are in force; `cpuacct` counts CPU time. */
  controllers: Controller[];
  open(name: string): Group;
  /**
   * Moving a process takes the kernel 10 ms, and less within the 10 ms after another one was moved. This moves the runner
   * to where it is, in the background: call it when a process is going to be moved.
   */
  prepare(): void;
  close(): Promise<void>;
};

/** Of the memory that the runner can have; the rest is the runner's own and everybody else's. */
const MEMORY_OF_ALL_LABS = 0.8;

/** The groups, or why there can be none. */
export function openCgroups(limits: GroupLimits): Cgroups | { why: string } {
  try {
    const own = ownGroups(read('/proc/self/mountinfo'), read('/proc/self/cgroup'));
    if (!existsSync(`/proc/${process.pid}/task/${process.pid}/children`)) return { why: 'the kernel lacks CONFIG_PROC_CHILDREN' };
    if (own === null) return { why: 'no control groups are mounted' };
    const ownBytes = Math.min(totalmem(), process.constrainedMemory() || Number.POSITIVE_INFINITY);
    const totalBytes = Math.floor(MEMORY_OF_ALL_LABS * ownBytes);
    return own.version === 1 ? openV1(own.directories, limits, totalBytes) : openV2(own.directory, limits, totalBytes);
  } catch (error) {
    return { why: error instanceof Error ? error.message : String(error) };
  }
}
