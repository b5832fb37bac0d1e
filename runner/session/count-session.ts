import type { RunHost } from '../../protocol/manifest.ts';
import type { RunnerEvent } from '../../protocol/message.ts';
import type { RunMetrics } from '../metrics/metrics.ts';

/** Sees what a session is asked for and what it says, and counts that. */
export type SessionCounter = {
  asked(run: number, snippet: string): void;
  told(event: RunnerEvent): void;
  output(run: number, host: RunHost): void;
};

type CountedRun = { snippet: string; askedAt: number; compiled: boolean; hasPrinted: boolean };

export function countSession(metrics: RunMetrics): SessionCounter {
  const runs = new Map<number, CountedRun>();
  /** When the client's kernel told of something that no evidence has shown yet. */
  let untoldSince: number | null = null;

  return {
    asked: (run, snippet) => runs.set(run, { snippet, askedAt: performance.now(), compiled: false, hasPrinted: false }),
    output(run, host) {
      const counted = runs.get(run);
      if (counted === undefined || counted.hasPrinted) return;
      counted.hasPrinted = true;
      metrics.firstByte(performance.now() - counted.askedAt, host, counted.compiled);
    },
    told(event) {
      switch (event.type) {
        case 'run-phase': {
          const counted = runs.get(event.run);
          if (counted !== undefined && event.phase === 'building') counted.compiled = true;
          return;
        }
        case 'run-ended': {
          const counted = runs.get(event.run);
          runs.delete(event.run);
          if (counted !== undefined) metrics.runEnded(counted.snippet, event.host, event.end);
          return;
        }
        case 'shell-ended':
          return metrics.shellEnded(event.end);
        case 'mptcp-event':
          if (event.host === 'client') untoldSince ??= performance.now();
          return;
        case 'evidence':
          if (untoldSince !== null) metrics.evidenceTold(performance.now() - untoldSince);
          untoldSince = null;
          return;
        default:
          return;
      }
    },
  };
}
