import type { Evidence, FlowNow } from '../../protocol/evidence.ts';
import { RUN_HOSTS } from '../../protocol/manifest.ts';
import { linkOfClientAddress, type Topology } from '../../protocol/topology.ts';
import { staleCount } from '../evidence/stale.ts';

/** How often flows are listed where no counter or event tells of them. */
const LIST_EVERY_MS = 1000;
/** So many lists may follow each other at once, and then one each LIST_EVERY_MS: a program may open flows without end. */
const MAX_LISTS_AT_ONCE = 5;
/** So often is looked for a flow that the kernel has counted as stale; one that was closed is never found. */
const MAX_LISTS_FOR_STALE = 5;

/** Counters that move when a flow begins or changes; events tell of the rest. */
const CLIENT_TCP = ['ActiveOpens'] as const;
const OF_BOTH_HOSTS = ['SubflowStale', 'SubflowRecover', 'MPPrioTx', 'MPPrioRx', 'DssFallback', 'MPCapableDataFallback'] as const;

export type FlowWatch = {
  /** To be told of each look at the evidence that found something new. */
  note(evidence: Evidence): void;
  /** To be asked several times a second. */
  listIfDue(): void;
  stop(): void;
};

/**
 * Lists the client's flows when the evidence says that something became of one, since each list costs a process; and again and again
 * while there is something that only a list can tell: which of the flows on a link carries how much, whether one that
 * joins or is stale still does.
 */
export function watchFlows(list: () => Promise<FlowNow[]>, topology: Topology, tell: (flows: FlowNow[]) => void): FlowWatch {
  let lastKey = '';
  let lastBytes = '';
  let isNew = false;
  let hasMoved = false;
  let counted = 0;
  let listsForStale = 0;
  let listedAtMs = 0;
  let credit = MAX_LISTS_AT_ONCE;
  let latest: FlowNow[] = [];
  let told = '[]';
  let state: 'idle' | 'listing' | 'stopped' = 'idle';

  const listNow = async (): Promise<void> => {
    const flows = await list();
    if (state === 'stopped') return;
    latest = flows;
    const text = JSON.stringify(flows);
    if (text !== told) tell(flows);
    told = text;
  };

  return {
    note(evidence) {
      const key = keyOf(evidence);
      const bytes = JSON.stringify(evidence.links);
      isNew ||= key !== lastKey;
      hasMoved ||= bytes !== lastBytes;
      const stale = Math.max(...RUN_HOSTS.map((host) => staleCount(evidence.counters[host].mptcp)));
      if (stale !== counted) listsForStale = MAX_LISTS_FOR_STALE;
      counted = stale;
      [lastKey, lastBytes] = [key, bytes];
    },
    listIfDue() {
      if (state !== 'idle') return;
      const now = performance.now();
      const elapsed = (now - listedAtMs) / LIST_EVERY_MS;
      const isStaleMissing = listsForStale > 0 && latest.filter(({ stale }) => stale).length < counted;
      const isWorthIt = isStaleMissing || latest.some(isWaiting) || (hasMoved && shareALink(latest, topology));
      const available = Math.min(MAX_LISTS_AT_ONCE, credit + elapsed);
      if (isNew ? available < 1 : elapsed < 1 || !isWorthIt) return;
      if (isStaleMissing) listsForStale--;
      [isNew, hasMoved, listedAtMs, credit, state] = [false, false, now, Math.max(0, available - 1), 'listing'];
      listNow()
        // A lab that ends at this moment has no flows to list.
        .catch(() => {})
        .finally(() => {
          if (state === 'listing') state = 'idle';
        });
    },
    stop() {
      state = 'stopped';
    },
  };
}

function keyOf({ counters: { client, server }, connections }: Evidence): string {
  const opened = CLIENT_TCP.map((name) => client.tcp[name]);
  return JSON.stringify([opened, OF_BOTH_HOSTS.map((name) => [client.mptcp[name], server.mptcp[name]]), connections]);
}

function isWaiting({ joining, stale }: FlowNow): boolean {
  return joining || stale;
}

function shareALink(flows: FlowNow[], topology: Topology): boolean {
  const links = flows.map(({ flow }) => linkOfClientAddress(topology, flow.localAddress));
  return new Set(links).size < links.length;
}
