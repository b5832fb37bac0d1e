import type { Evidence } from '../../protocol/evidence.ts';
import type { Topology } from '../../protocol/topology.ts';
import { judge, type Verdict } from '../../protocol/verdict.ts';

/** How often the kernel's counters are looked at while a client runs. */
const SAMPLE_MS = 100;
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
  witness: { evidence(): Evidence; lookAtSockets(): Promise<void> },
  topology: Topology,
  /** The verdict is `null` while nothing has happened yet. */
  tell: (evidence: Evidence, verdict: Verdict | null, final: boolean) => void,
  /** A look that found all as it was before. */
  tellStill: (links: Evidence['links']) => void,
): Watch {
  let lastTold = '';
  let changedAtMs = 0;
  const look = (final: boolean, evidence = witness.evidence()) => {
    const seen = JSON.stringify(evidence);
    if (seen === lastTold && !final) {
      if (performance.now() < changedAtMs + STILL_TOLD_MS) tellStill(evidence.links);
      return;
    }
    lastTold = seen;
    changedAtMs = performance.now();
    if (!final) lookWhenNew(evidence);
    const verdict = judge(evidence, topology);
    tell(evidence, verdict.kind === 'nothing' && !final ? null : verdict, final);
  };
  /** Sockets are listed when flows were opened since the last time, not for each byte: that costs a process. */
  const lookWhenNew = ({ counters, connections }: Evidence) => {
    const flows = JSON.stringify([counters.client.tcp['ActiveOpens'], connections, counters.client.mptcp['DssFallback']]);
    if (flows === lastFlows) return;
    lastFlows = flows;
    // A lab that ends at this moment has no sockets to list.
    witness.lookAtSockets().catch(() => {});
  };
  let lastFlows = '';
  const timer = setInterval(() => look(false), SAMPLE_MS);

  return {
    async finish() {
      clearInterval(timer);
      const deadline = performance.now() + SETTLE_MS;
      while (!isSettled(witness.evidence()) && performance.now() < deadline) {
        await new Promise((resolve) => setTimeout(resolve, SETTLE_POLL_MS));
      }
      look(true);
    },
    finishWith(evidence) {
      clearInterval(timer);
      look(true, evidence);
    },
    abandon: () => clearInterval(timer),
  };
}

/** Counters move at once, events come a little later: each accepted connection must have been seen to close. */
export function isSettled({ connections, counters }: Evidence): boolean {
  return connections.length >= (counters.client.mptcp['MPCapableSYNACKRX'] ?? 0) && connections.every(({ closed }) => closed);
}
