/** Why a run is over. Exactly one of these, the first that happened; `met` says what the program was refused before. */
export type RunEnd =
  | { kind: 'exit'; code: number; met?: MetLimit[] }
  | { kind: 'signal'; signal: string; met?: MetLimit[] }
  | { kind: 'build-failed'; code: number; met?: MetLimit[] }
  | ({ kind: 'limit' } & LimitHit)
  | {
      kind: 'stopped';
      by: 'learner' | 'client-ended' | 'restart' | 'fresh-lab' | 'idle' | 'lab-lost' | 'session-closed' | 'shutdown';
    }
  | { kind: 'not-started'; why: string };

/**
 * `idle-time`: without output, input, CPU time or a byte on a link, of all that runs in the lab. `memory-of-all`: the run had
 * less than it may have, but all programs of the runner, or of its machine, together had no memory left.
 */
export type RunLimit = 'wall-time' | 'idle-time' | 'cpu-time' | 'memory' | 'memory-of-all' | 'output' | 'file-size';

/** The limit that ended a run. */
export type LimitHit =
  | { limit: Exclude<RunLimit, 'memory-of-all'>; value: number; unit: 's' | 'MiB' }
  | { limit: 'memory-of-all' };

/** A limit that ends no run: the kernel refuses a program more, and what becomes of it is the program's own affair. */
export type MetLimit = { limit: 'processes' | 'open files' | 'files' | 'MiB of disk'; value: number };

/** One sentence for a person, without the program's name: "exit code 0", "stopped at the limit of 60 s of wall time". */
export function describeRunEnd(end: RunEnd): string {
  switch (end.kind) {
    case 'exit':
      return `exit code ${end.code}${afterLimits(end.met)}`;
    case 'signal':
      return `ended by ${end.signal}${afterLimits(end.met)}`;
    case 'build-failed':
      return `the build step failed with exit code ${end.code}${afterLimits(end.met)}`;
    case 'limit':
      if (end.limit === 'memory-of-all') return 'stopped: all programs here together have used up the memory';
      return `stopped at the limit of ${end.value} ${end.unit} of ${LIMIT_TITLES[end.limit]}`;
    case 'stopped':
      return STOPPED_BY[end.by];
    case 'not-started':
      return `not started: ${end.why}`;
  }
}

function afterLimits(met: MetLimit[] = []): string {
  const limits = met.map(({ limit, value }) => `the limit of ${value} ${limit}`);
  return limits.length === 0 ? '' : `, after it came to ${limits.join(' and ')}`;
}

const LIMIT_TITLES: Record<Exclude<RunLimit, 'memory-of-all'>, string> = {
  'wall-time': 'running time',
  'idle-time': 'doing nothing: no output, no input, no work, no traffic',
  'cpu-time': 'CPU time',
  memory: 'memory',
  output: 'output',
  'file-size': 'file size',
};

const STOPPED_BY: Record<Extract<RunEnd, { kind: 'stopped' }>['by'], string> = {
  learner: 'stopped',
  'client-ended': 'stopped, the client is done',
  restart: 'stopped, it is started again',
  'fresh-lab': 'stopped, a fresh lab takes its place',
  idle: 'stopped, the lab was not used any more',
  'lab-lost': 'stopped, its lab was lost',
  'session-closed': 'stopped, the page was closed',
  shutdown: 'stopped, the runner is shutting down',
};
