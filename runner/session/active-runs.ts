import type { Snippet } from '../../protocol/manifest.ts';
import { RUN_HOSTS, type RunHost } from '../../protocol/manifest.ts';
import { type ActiveRun, type ActiveRunPlan, startActiveRun } from './active-run.ts';
import type { RunMessage } from './request.ts';

type StopReason = Parameters<ActiveRun['stop']>[0];

/** The runs of a session: at most one on each host, a new one takes the place of the one before. */
export type ActiveRuns = {
  /** Whether so many wait for the end of those before them that no more can. */
  areFull(): boolean;
  start(message: RunMessage, snippet: Snippet, files: Map<string, Buffer>): void;
  find(id: number): ActiveRun | undefined;
  areAny(): boolean;
  /** Whether a server runs whose client is still to come. */
  isClientDue(): boolean;
  /** Ends those at once that wait for a lab; what waits for its server to listen has one. */
  stopWaiting(by: StopReason): void;
  abandonAll(by: StopReason): void;
  /** Resolves once those of now have ended. */
  ended(): Promise<void>;
};

export type ActiveRunsPlan = Pick<ActiveRunPlan, 'world' | 'openLab' | 'tell' | 'idleLimit'> & {
  /** Resolves once all is ready to see what this run of the client does. */
  beforeClient(run: number): Promise<void>;
  sendOutput(message: RunMessage, bytes: Uint8Array): void;
  onStart(message: RunMessage, snippet: Snippet): void;
  onEnd(): void;
  fail(error: unknown, run: number): void;
};

/** A run that takes another one's place waits for its end, with its files in memory. */
export const MAX_UNENDED_RUNS = 8;

export function openActiveRuns(plan: ActiveRunsPlan): ActiveRuns {
  const { world, openLab, tell, idleLimit } = plan;
  const active = new Map<RunHost, ActiveRun>();
  let unended = 0;

  return {
    areFull: () => unended >= MAX_UNENDED_RUNS,
    start(message, snippet, files) {
      const { run: id, host } = message;
      unended++;
      plan.onStart(message, snippet);
      const previous = active.get(host);
      previous?.stop('restart');
      const current = startActiveRun({
        ...{ world, message, snippet, files, previous, openLab, tell, idleLimit },
        server: () => active.get('server'),
        beforeClient: () => plan.beforeClient(id),
        sendOutput: (bytes) => plan.sendOutput(message, bytes),
        refuse: (error) => plan.fail(error, id),
      });
      active.set(host, current);
      void current.ended.then(() => {
        unended--;
        // A run that took this one's place keeps its server.
        if (active.get(host) !== current) return;
        active.delete(host);
        plan.onEnd();
        // A server serves its client; it need not outlive it.
        if (host === 'client') active.get('server')?.stop('client-ended');
      });
    },
    find: (id) => RUN_HOSTS.map((host) => active.get(host)).find((candidate) => candidate?.id === id),
    areAny: () => active.size > 0,
    isClientDue: () => active.has('server') && !active.has('client'),
    stopWaiting(by) {
      const waiting = [...active.values()];
      if (waiting.some((run) => run.hasLab())) return;
      for (const run of waiting) run.stop(by);
    },
    abandonAll(by) {
      for (const run of active.values()) run.abandon(by);
    },
    async ended() {
      await Promise.all([...active.values()].map(({ ended }) => ended));
    },
  };
}
