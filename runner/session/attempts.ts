import type { Evidence, FlowNow } from '../../protocol/evidence.ts';
import type { RunnerEvent } from '../../protocol/message.ts';
import type { Topology } from '../../protocol/topology.ts';
import type { Verdict } from '../../protocol/verdict.ts';
import type { Moment } from '../evidence/witness.ts';
import { isSettled, SETTLE_MS, type Watch, watch } from './watch.ts';

/** What attempts need of a witness. */
export type AttemptWitness = {
  begin(): void;
  moment(): Moment;
  /** As `begin`, at a moment that is past. */
  beginAt(moment: Moment): void;
  /** Moves the beginning to now when no connection is open and none was opened since; false when there was one. */
  rest(): boolean;
  isAtRest(): boolean;
  evidence(): Evidence;
  stamp(): string;
  lookAtSockets(): Promise<void>;
  flows(): Promise<FlowNow[]>;
  keepLooking(): void;
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
  /**
   * A terminal showed something. When it is a prompt, the command before it has closed what it opened, and the next one has
   * opened nothing: so the two are never one attempt.
   */
  stirred(): void;
  /** An event of the kernel tells of a connection sooner than the counters that are looked at now and then. */
  connectionBegins(): void;
  /** As soon as the last one is closed, the next one may be opened: a script does not wait for a look. */
  connectionEnds(): void;
  close(): void;
};

/** At a prompt where nothing happens. */
const STILL_LOOK_MS = 50;
/** Between two programs of a script there is the time in which a shell starts the second one. */
const LOOK_MS = 10;
const STIRRED_MS = 2_000;
/** Of a terminal that shows much, not each piece. */
const STIRRED_LOOK_MS = 2;
const GOODBYE_MS = 2;
/** At a prompt where nobody types, counters move without a packet only where a link is cut. */
const FULL_LOOK_MS = 500;
/** In the messages of an attempt, in the place of a run's number. */
export const NO_RUN = 0;

export function openAttempts(plan: {
  witness: AttemptWitness;
  topology: Topology;
  tell: (event: RunnerEvent) => void;
  /** Called for each attempt when it begins, after that was told. */
  begun: () => void;
}): Attempts {
  const { witness, topology, tell, begun } = plan;
  let isWanted = false;
  let runs = 0;
  let attempt: Watch | null = null;
  /** The attempt as it was when its last connection was closed. */
  let resting: { evidence: Evidence; moment: Moment; sinceMs: number } | null = null;
  let timer: ReturnType<typeof setTimeout> | undefined;

  const begin = () => {
    tell({ type: 'attempt' });
    begun();
    attempt = watch(
      witness,
      topology,
      (evidence: Evidence, verdict: Verdict | null, final: boolean) => {
        tell({ type: 'evidence', run: NO_RUN, evidence });
        if (verdict !== null) tell({ type: 'verdict', run: NO_RUN, final, verdict });
      },
      (links) => tell({ type: 'traffic', run: NO_RUN, links }),
      (flows) => tell({ type: 'flows', run: NO_RUN, flows }),
    );
  };
  let lastStamp = '';
  let lookedAtMs = 0;
  const isNew = (): boolean => {
    const [stamp, now] = [witness.stamp(), performance.now()];
    if (stamp === lastStamp && now < lookedAtMs + FULL_LOOK_MS) return false;
    lastStamp = stamp;
    lookedAtMs = now;
    return true;
  };
  /** All connections of the attempt are closed, or a further one was opened since they were. */
  const end = (evidence: Evidence, moment: Moment) => {
    attempt?.finishWith(evidence);
    attempt = null;
    resting = null;
    witness.beginAt(moment);
  };
  let lastLookMs = Number.NEGATIVE_INFINITY;
  const look = () => {
    lastLookMs = performance.now();
    if (attempt === null) {
      if (!isNew() || witness.rest()) return;
      begin();
    }
    // It may be over by now.
    if (resting === null && !witness.isAtRest()) return;
    // Counters before sockets: what they count and the sockets do not show is closed again.
    const evidence = witness.evidence();
    const moment = witness.moment();
    if (resting !== null && opened(evidence) !== opened(resting.evidence)) {
      end(resting.evidence, resting.moment);
      return look();
    }
    if (!witness.isAtRest()) return;
    resting = { evidence, moment, sinceMs: resting?.sinceMs ?? performance.now() };
    // Events come a little later than counters.
    if (isSettled(evidence) || performance.now() > resting.sinceMs + SETTLE_MS) end(evidence, moment);
  };
  let stirredAtMs = Number.NEGATIVE_INFINITY;
  const isLively = () => attempt !== null || performance.now() < stirredAtMs + STIRRED_MS;
  const lookAgain = (afterMs = isLively() ? LOOK_MS : STILL_LOOK_MS) => {
    clearTimeout(timer);
    timer = setTimeout(() => {
      look();
      if (timer !== undefined) lookAgain();
    }, afterMs);
  };
  const pause = () => {
    clearTimeout(timer);
    timer = undefined;
    attempt = null;
    resting = null;
  };
  const settle = () => {
    if (!isWanted || runs > 0 || timer !== undefined) return;
    witness.begin();
    lookAgain();
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
    stirred() {
      if (timer === undefined) return;
      stirredAtMs = performance.now();
      if (stirredAtMs > lastLookMs + STIRRED_LOOK_MS) look();
      lookAgain(STIRRED_LOOK_MS);
    },
    connectionBegins() {
      if (timer === undefined) return;
      if (attempt === null || resting !== null) look();
      if (attempt === null) begin();
      lookAgain();
    },
    connectionEnds() {
      if (timer === undefined) return;
      look();
      // Its flows say goodbye a moment after it.
      lookAgain(GOODBYE_MS);
    },
    close() {
      isWanted = false;
      stop();
    },
  };
}

/** How many flows the client has begun. */
function opened({ counters }: Evidence): number {
  return counters.client.tcp['ActiveOpens'] ?? 0;
}
