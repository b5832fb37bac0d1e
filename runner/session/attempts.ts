import type { Evidence, FlowNow } from '../../protocol/evidence.ts';
import type { RunnerEvent } from '../../protocol/message.ts';
import type { Topology } from '../../protocol/topology.ts';
import type { Verdict } from '../../protocol/verdict.ts';
import type { LateEvents } from '../evidence/late-events.ts';
import type { Moment } from '../evidence/witness.ts';
import { isSettled, SETTLE_MS, type Watch, watch } from './watch.ts';

/** What attempts need of a witness. */
export type AttemptWitness = {
  begin(): void;
  moment(): Moment;
  /** As `begin`, at a moment that is past. */
  beginAt(moment: Moment): LateEvents;
  giveUp(late: LateEvents): void;
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
/** On a busy machine, events come so much later than counters. Each counted connection is told of, unless the monitor is lost. */
const LATE_MS = 5_000;
/** Attempts of which events are still to come; one more, and the first of them is told without. */
const MAX_ENDED = 100;
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
  let goesOn = false;
  /** Of the attempt that goes on; null until it is told, which is when those before it are. */
  let told: Watch | null = null;
  /** The attempt as it was when its last connection was closed. */
  let resting: { evidence: Evidence; moment: Moment; sinceMs: number } | null = null;
  /** Over, by the kernel's counters; its events are waited for. In their order. */
  let ended: { told: Watch | null; evidence: Evidence; late: LateEvents; sinceMs: number }[] = [];
  let timer: ReturnType<typeof setTimeout> | undefined;

  const begin = (): Watch => {
    tell({ type: 'attempt' });
    begun();
    return watch(
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
  /** Tells what has ended and is complete, and what goes on when nothing is left before it. */
  const tellEnded = () => {
    for (let [first] = ended; first !== undefined; [first] = ended) {
      const { late, sinceMs, evidence } = first;
      const waitMs = late.isComplete() ? 0 : late.areAllMade() ? SETTLE_MS : LATE_MS;
      if (performance.now() < sinceMs + waitMs && ended.length <= MAX_ENDED) return;
      witness.giveUp(late);
      ended.shift();
      (first.told ?? begin()).finishWith({ ...evidence, connections: late.connections() });
    }
    if (goesOn) told ??= begin();
  };
  /** All connections of the attempt are closed, or a further one was opened since they were. */
  const end = (evidence: Evidence, moment: Moment) => {
    ended.push({ told, evidence, late: witness.beginAt(moment), sinceMs: performance.now() });
    told = null;
    goesOn = false;
    resting = null;
    tellEnded();
  };
  let lastLookMs = Number.NEGATIVE_INFINITY;
  const look = () => {
    lastLookMs = performance.now();
    tellEnded();
    if (!goesOn) {
      if (!isNew() || witness.rest()) return;
      goesOn = true;
      tellEnded();
    }
    // It may be over by now.
    if (resting === null && !witness.isAtRest()) return;
    // Counters before sockets: what they count and the sockets do not show is closed again.
    const evidence = witness.evidence();
    const moment = witness.moment();
    if (resting !== null && opened(evidence) !== opened(resting.evidence)) {
      if (!isWithout(resting.evidence)) {
        end(resting.evidence, resting.moment);
        return look();
      }
      resting = null;
    }
    if (!witness.isAtRest()) return;
    resting = { evidence, moment, sinceMs: resting?.sinceMs ?? performance.now() };
    // Events come a little later than counters.
    const isComplete = isSettled(evidence) && !isWithout(evidence);
    if (isComplete || performance.now() > resting.sinceMs + SETTLE_MS) end(evidence, moment);
  };
  let stirredAtMs = Number.NEGATIVE_INFINITY;
  const isLively = () => goesOn || ended.length > 0 || performance.now() < stirredAtMs + STIRRED_MS;
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
    for (const { late } of ended) witness.giveUp(late);
    ended = [];
    told = null;
    goesOn = false;
    resting = null;
  };
  const settle = () => {
    if (!isWanted || runs > 0 || timer !== undefined) return;
    witness.begin();
    lookAgain();
  };
  const stop = () => {
    told?.abandon();
    for (const { told } of ended) told?.abandon();
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
      if (!goesOn || resting !== null) look();
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

/**
 * Whether the client has got no connection so far. A program that is refused may try the server's next address at once
 * (RFC 8305): that is still the same attempt.
 */
function isWithout(evidence: Evidence): boolean {
  return opened(evidence) <= (evidence.counters.client.tcp['AttemptFails'] ?? 0);
}

/** How many flows the client has begun. */
function opened({ counters }: Evidence): number {
  return counters.client.tcp['ActiveOpens'] ?? 0;
}
