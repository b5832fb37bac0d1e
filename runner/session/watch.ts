import type { Evidence, FlowNow } from '../../protocol/evidence.ts';
import type { Topology } from '../../protocol/topology.ts';
import { judge, type Verdict } from '../../protocol/verdict.ts';
import { watchFlows } from './watch-flows.ts';

/**
 * How often is looked for packets that moved while a client runs, and how often at all counters where none did: a timer of
 * the kernel can count too.
 */
const LIVELY = { lookMs: 100, fullLookMs: 1_000 };
/** A program that has waited for long costs next to nothing. */
const STILL = { lookMs: 500, fullLookMs: 5_000 };
/**
 * So long after a list of sockets the next one may be made, then twice as long, up to the most: a list costs a process, and a
 * program may open one connection after the other. A fallback is looked at without delay.
 */
const LIST_AGAIN_MS = { first: 500, most: 8_000 };
/** A connection may take this long to say goodbye after its client has ended. */
export const SETTLE_MS = 400;
const SETTLE_POLL_MS = 5;
/** So long after the last change each look is told, then a program that waits is left in peace. */
const STILL_TOLD_MS = 10_000;

export type Watch = {
  /** Looks once more when the last connection is closed, or after SETTLE_MS, and tells the final verdict. */
  finish(): Promise<void>;
  /** Tells the final verdict of what was seen before. */
  finishWith(evidence: Evidence): void;
  abandon(): void;
};

/** Looks at the evidence of a client's run again and again, and tells what changed. */
export function watch(
  witness: {
    evidence(): Evidence;
    stamp(): string;
    lookAtSockets(): Promise<void>;
    flows(): Promise<FlowNow[]>;
    keepLooking(): void;
  },
  topology: Topology,
  /** The verdict is `null` while nothing has happened yet. */
  tell: (evidence: Evidence, verdict: Verdict | null, final: boolean) => void,
  /** A look that found all as it was before. */
  tellStill: (links: Evidence['links']) => void,
  tellFlows: (flows: FlowNow[]) => void,
): Watch {
  const flowWatch = watchFlows(witness.flows, topology, tellFlows);
  let lastTold = '';
  let lastLinks: Evidence['links'] = {};
  let changedAtMs = performance.now();
  let lookedAtMs = 0;
  let lastStamp = '';
  const pace = () => (performance.now() < changedAtMs + STILL_TOLD_MS ? LIVELY : STILL);
  const lookStill = () => {
    if (pace() === LIVELY) tellStill(lastLinks);
  };
  const lookIfNew = () => {
    const now = performance.now();
    // Read first: what changes during the look is new at the next one.
    const stamp = witness.stamp();
    if (stamp === lastStamp && now < lookedAtMs + pace().fullLookMs) return lookStill();
    lastStamp = stamp;
    lookedAtMs = now;
    look(false);
  };
  const look = (final: boolean, evidence = witness.evidence()) => {
    flowWatch.note(evidence);
    const seen = JSON.stringify(evidence);
    if (seen === lastTold && !final) return lookStill();
    lastTold = seen;
    lastLinks = evidence.links;
    changedAtMs = performance.now();
    if (!final) noteFlows(evidence);
    const verdict = judge(evidence, topology);
    tell(evidence, verdict.kind === 'nothing' && !final ? null : verdict, final);
  };
  /** Sockets are listed when flows were opened since the last time, not for each byte. */
  const noteFlows = ({ counters, connections }: Evidence) => {
    const subflows = connections.reduce((sum, connection) => sum + connection.subflows.length, 0);
    const flows = JSON.stringify([counters.client.tcp['ActiveOpens'], subflows, fallbacksIn(counters)]);
    if (flows === lastFlows) return;
    lastFlows = flows;
    isListDue = true;
    if (fallbacksIn(counters) === lastFallbacks) return;
    lastFallbacks = fallbacksIn(counters);
    listAtMs = 0;
  };
  const listIfDue = () => {
    const now = performance.now();
    if (!isListDue || now < listAtMs) return;
    isListDue = false;
    listAtMs = now + listAgainMs;
    listAgainMs = Math.min(listAgainMs * 2, LIST_AGAIN_MS.most);
    // A lab that ends at this moment has no sockets to list.
    witness.lookAtSockets().catch(() => {});
  };
  let lastFlows = '';
  let lastFallbacks = 0;
  let isListDue = false;
  let listAtMs = 0;
  let listAgainMs = LIST_AGAIN_MS.first;
  let timer: ReturnType<typeof setTimeout>;
  const lookLater = () => {
    timer = setTimeout(() => {
      lookIfNew();
      listIfDue();
      flowWatch.listIfDue();
      if (pace() === LIVELY) witness.keepLooking();
      lookLater();
    }, pace().lookMs);
  };
  lookLater();

  return {
    async finish() {
      clearTimeout(timer);
      flowWatch.stop();
      const deadline = performance.now() + SETTLE_MS;
      while (!isSettled(witness.evidence()) && performance.now() < deadline) {
        await new Promise((resolve) => setTimeout(resolve, SETTLE_POLL_MS));
      }
      look(true);
    },
    finishWith(evidence) {
      clearTimeout(timer);
      flowWatch.stop();
      look(true, evidence);
    },
    abandon() {
      clearTimeout(timer);
      flowWatch.stop();
    },
  };
}

/** Counters move at once, events come a little later: each accepted connection must have been seen to close. */
export function isSettled({ connections, counters }: Evidence): boolean {
  return connections.length >= (counters.client.mptcp['MPCapableSYNACKRX'] ?? 0) && connections.every(({ closed }) => closed);
}

/** What either kernel counts when a connection goes on as TCP, by any of its counters for that. */
function fallbacksIn({ client, server }: Evidence['counters']): number {
  const counters = [...Object.entries(client.mptcp), ...Object.entries(server.mptcp)];
  return counters.reduce((sum, [name, value]) => (/Fallback|InfiniteMap/.test(name) ? sum + value : sum), 0);
}
