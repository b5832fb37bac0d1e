import type { Evidence } from '../../protocol/evidence.ts';
import type { RunnerEvent } from '../../protocol/message.ts';
import type { Topology } from '../../protocol/topology.ts';
import type { Verdict } from '../../protocol/verdict.ts';
import { type Watch, watch } from './watch.ts';

/** What attempts need of a witness. */
export type AttemptWitness = {
  /** From now on everything counts anew. */
  begin(): void;
  /** Moves the beginning to now when no connection is open and none was opened since; false when there was one. */
  rest(): boolean;
  isAtRest(): boolean;
  evidence(): Evidence;
  lookAtSockets(): Promise<void>;
};

/**
 * What shells do on the network, one attempt after the other: from the first connection after a rest until all are closed.
 * A run of a program has its own beginning and its own verdict; attempts wait meanwhile.
 */
export type Attempts = {
  /** While any shell is open. */
  watchFor(wanted: boolean): void;
  /** A run of the client begins; resolves to what is to be called at its end. */
  giveWay(): () => void;
  /** An event of the kernel tells of a connection sooner than the counters that are looked at now and then. */
  connectionBegins(): void;
  close(): void;
};

const LOOK_MS = 100;
/** A command line tool that is started again and again makes one attempt each time, curl with two addresses only one. */
const REST_LOOKS = 3;
/** In the messages of an attempt, in the place of a run's number. */
export const NO_RUN = 0;

export function openAttempts(plan: {
  witness: AttemptWitness;
  topology: Topology;
  tell: (event: RunnerEvent) => void;
}): Attempts {
  const { witness, topology, tell } = plan;
  let isWanted = false;
  let runs = 0;
  let attempt: Watch | null = null;
  let restLooks = 0;
  let timer: ReturnType<typeof setInterval> | undefined;

  const begin = () => {
    restLooks = 0;
    tell({ type: 'attempt' });
    attempt = watch(
      witness,
      topology,
      (evidence: Evidence, verdict: Verdict | null, final: boolean) => {
        tell({ type: 'evidence', run: NO_RUN, evidence });
        if (verdict !== null) tell({ type: 'verdict', run: NO_RUN, final, verdict });
      },
      (links) => tell({ type: 'traffic', run: NO_RUN, links }),
    );
  };
  const look = () => {
    if (attempt === null) {
      if (!witness.rest()) begin();
      return;
    }
    restLooks = witness.isAtRest() ? restLooks + 1 : 0;
    if (restLooks < REST_LOOKS) return;
    const ending = attempt;
    pause();
    void ending.finish().then(settle);
  };
  const pause = () => {
    clearInterval(timer);
    timer = undefined;
    attempt = null;
  };
  const settle = () => {
    if (!isWanted || runs > 0 || timer !== undefined) return;
    witness.begin();
    timer = setInterval(look, LOOK_MS);
  };
  const stop = () => {
    attempt?.abandon();
    pause();
  };

  return {
    watchFor(wanted) {
      isWanted = wanted;
      if (wanted) settle();
      else stop();
    },
    giveWay() {
      runs++;
      stop();
      return () => {
        runs--;
        settle();
      };
    },
    connectionBegins() {
      if (timer !== undefined && attempt === null) begin();
    },
    close() {
      isWanted = false;
      stop();
    },
  };
}
