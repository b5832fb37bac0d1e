import type { MetLimit, RunEnd } from '../../protocol/run-end.ts';
import { MAX_FILES, WORK_BYTES } from '../lab/disk.ts';
import type { Meter } from '../lab/meter.ts';
import type { Limits } from '../sandbox/limits.ts';

/** The end of a program's output: its last words. */
const LAST_WORDS_BYTES = 4_096;

/** strerror(3) for EMFILE, which no counter of the kernel tells, and what Node has in its place. */
const TOO_MANY_FILES = /too many open files|\bEMFILE\b/i;

/** Finds out which limits a program met that ended it not: it was refused more, and gave up by itself, or not. */
export type LimitWatch = {
  heard(bytes: Uint8Array): void;
  /** To be called before the files of the run are removed. */
  told(end: RunEnd): RunEnd;
};

export function watchLimits(meter: Meter, limits: Limits): LimitWatch {
  let lastWords = Buffer.alloc(0);
  const met = (): MetLimit[] => [
    ...(meter.wasProcessRefused() ? [{ limit: 'processes' as const, value: limits.processes }] : []),
    ...(TOO_MANY_FILES.test(lastWords.toString()) ? [{ limit: 'open files' as const, value: limits.openFiles }] : []),
    ...fullDisk(meter),
  ];
  return {
    heard(bytes) {
      lastWords = Buffer.concat([lastWords, bytes]).subarray(-LAST_WORDS_BYTES);
    },
    told(end) {
      switch (end.kind) {
        case 'exit':
        case 'signal':
        case 'build-failed': {
          const found = met();
          return found.length === 0 ? end : { ...end, met: found };
        }
        case 'limit':
        case 'stopped':
        case 'not-started':
          return end;
      }
    },
  };
}

/** A lab that is just ending shows no disk. */
function fullDisk(meter: Meter): MetLimit[] {
  try {
    switch (meter.diskFullOf()) {
      case 'bytes':
        return [{ limit: 'MiB of disk', value: Math.floor(WORK_BYTES / MIB) }];
      case 'files':
        return [{ limit: 'files', value: MAX_FILES }];
      case null:
        return [];
    }
  } catch {
    return [];
  }
}

const MIB = 1024 * 1024;
