import { readFileSync } from 'node:fs';
import { availableParallelism, totalmem } from 'node:os';

/** What labs are made of, of this machine. */
/** `neighbours`: entries of the kernel's table, one for all network namespaces (arp(7), gc_thresh3). */
export type Machine = { memoryBytes: number; cores: number; openFiles: number; neighbours: number };

/** How many labs there can be at a time, and what says so. */
export type Capacity = { labs: number; boundBy: 'memory' | 'cores' | 'open-files' | 'neighbours' | 'uids' };

const MIB = 1024 * 1024;

/**
 * What a lab takes, as measured on Linux 6.18 with two cores. Idle: 3 MiB, half of it the kernel's. A hello in Python: 8 MiB
 * and 0.15 s of CPU. A client and a server that are compiled at once: 14 MiB (C) to 460 MiB (Rust) for one to three seconds.
 * With one of 16 labs compiling at a time, that is 30 MiB for each; the rest is for what programs do.
 */
const LAB_BYTES = 64 * MIB;
/** A learner who runs a hello every ten seconds takes 1 to 2 % of a core; half of a core is left for those who compile. */
const LABS_PER_CORE = 100;
/** Pipes, files of the kernel, terminals and a socket; the runner itself has the rest. */
const LAB_OPEN_FILES = 32;
const OWN_OPEN_FILES = 256;
/**
 * A lab knows its neighbours (protocol/link-commands.ts) until a link is cut: then its client asks for the router again. When
 * the table is full, a connection ends with "No route to host".
 */
const LAB_NEIGHBOURS = 2;
/** As `openCgroups` gives to all labs together. */
const MEMORY_OF_ALL_LABS = 0.8;
/** See lab/maker.ts: uids of one runner, half of them for labs that are just ending. */
const MOST_LABS = 1_000;

export function capacityOf({ memoryBytes, cores, openFiles, neighbours }: Machine): Capacity {
  const bounds: Capacity[] = [
    { labs: Math.floor((MEMORY_OF_ALL_LABS * memoryBytes) / LAB_BYTES), boundBy: 'memory' },
    { labs: cores * LABS_PER_CORE, boundBy: 'cores' },
    { labs: Math.floor((openFiles - OWN_OPEN_FILES) / LAB_OPEN_FILES), boundBy: 'open-files' },
    { labs: Math.floor(neighbours / LAB_NEIGHBOURS), boundBy: 'neighbours' },
    { labs: MOST_LABS, boundBy: 'uids' },
  ];
  const { labs, boundBy } = bounds.reduce((least, bound) => (bound.labs < least.labs ? bound : least));
  return { labs: Math.max(1, labs), boundBy };
}

/** "Up to 200 labs at a time: 2 cores are good for that." */
export function describeCapacity(machine: Machine): string {
  const { labs, boundBy } = capacityOf(machine);
  return `Up to ${labs} ${labs === 1 ? 'lab' : 'labs'} at a time: ${REASONS[boundBy](machine)}.`;
}

const REASONS: Record<Capacity['boundBy'], (machine: Machine) => string> = {
  memory: ({ memoryBytes }) => `${Math.round(memoryBytes / 1e6)} MB of memory are good for that`,
  cores: ({ cores }) => `${cores === 1 ? 'one core is' : `${cores} cores are`} good for that`,
  'open-files': ({ openFiles }) => `more would need more open files than ${openFiles} (ulimit -n)`,
  neighbours: ({ neighbours }) =>
    `more would need more neighbours than ${neighbours} (sysctl net.ipv4.neigh.default.gc_thresh3 and the same of ipv6)`,
  uids: () => 'one runner makes no more',
};

/** Of what there is, one source leaves a quarter to others: a class behind one router works, and does not close the door. */
export function partOfOneSource(total: number): number {
  return Math.max(1, total - Math.ceil(total / 4));
}

/** The limits of admission, from what the operator set and what this machine is good for. */
export function admissionLimits(
  set: { capacity: number | null; perAddress: number | null; warm: number; queueLength: number },
  machine: Machine,
): { capacity: number; perSource: number; warm: number; queueLength: number; queuePerSource: number } {
  const capacity = set.capacity ?? capacityOf(machine).labs;
  const perSource = Math.min(capacity, set.perAddress ?? partOfOneSource(capacity));
  // Where one address may have all labs, it may have the whole line too.
  const queuePerSource = perSource === capacity && set.perAddress !== null ? set.queueLength : partOfOneSource(set.queueLength);
  return { capacity, perSource, warm: Math.min(set.warm, capacity), queueLength: set.queueLength, queuePerSource };
}

/** With the limits of the control group that this process is in. */
export function thisMachine(): Machine {
  const files = /^Max open files\s+(\d+)/m.exec(readFileSync('/proc/self/limits', 'utf8'))?.[1];
  return {
    memoryBytes: Math.min(totalmem(), process.constrainedMemory() || Number.POSITIVE_INFINITY),
    cores: availableParallelism(),
    openFiles: files === undefined ? Number.POSITIVE_INFINITY : Number(files),
    neighbours: Math.min(...['ipv4', 'ipv6'].map(mostNeighbours)),
  };
}

/** Only the first network namespace shows it: elsewhere nobody knows. */
function mostNeighbours(family: string): number {
  try {
    return Number(readFileSync(`/proc/sys/net/${family}/neigh/default/gc_thresh3`, 'utf8'));
  } catch {
    return Number.POSITIVE_INFINITY;
  }
}
