import type { FlowNow } from '../../protocol/evidence.ts';
import type { RunHost } from '../../protocol/manifest.ts';
import type { Counters } from './counters.ts';
import type { TcpFlow } from './tcp-flows.ts';

/**
 * A subflow becomes stale after `net.mptcp.stale_loss_cnt` (4) rounds without an acknowledgment
 * (Documentation/networking/mptcp-sysctl.rst). Rounds have no fixed length: it took 0.5 to 2 s (Linux 6.18), while a subflow
 * that is well gets its acknowledgments all the time.
 */
const STALE_AFTER_MS = 400;

/** How many subflows of a host its kernel counts as stale: those that became so, without those that came back. */
export function staleCount(mptcp: Counters): number {
  return Math.max(0, (mptcp['SubflowStale'] ?? 0) - (mptcp['SubflowRecover'] ?? 0));
}

/** Flows of the client, and of the server where its kernel counts stale ones too. */
export type HostFlows = { client: TcpFlow[]; server: TcpFlow[] };

/**
 * What both hosts tell of the client's flows. The kernel (6.18) counts stale subflows, but neither an event nor ss(8) says which
 * ones they are. It makes those stale that wait for an acknowledgment and got none for some time: so do the ones here,
 * as many as it counts, those first that have waited for longest. A stale one that was closed stays in its count.
 */
export function flowsNow(flows: HostFlows, stale: Record<RunHost, number>): FlowNow[] {
  const client = staleOf(flows.client, stale.client);
  const server = staleOf(flows.server, stale.server).map(mirrored);
  return flows.client.map((flow) => ({
    flow: flow.flow,
    token: flow.token,
    joining: flow.joining,
    backup: flow.backup,
    stale: client.includes(flow) || server.includes(nameOf(flow)),
    sentBytes: flow.ackedBytes,
    receivedBytes: flow.receivedBytes,
  }));
}

function staleOf(flows: TcpFlow[], count: number): TcpFlow[] {
  return flows
    .filter(({ token, joining, waitingBytes, unansweredMs }) => {
      return token !== null && !joining && waitingBytes > 0 && unansweredMs >= STALE_AFTER_MS;
    })
    .toSorted((a, b) => b.unansweredMs - a.unansweredMs)
    .slice(0, count);
}

function nameOf({ flow }: TcpFlow): string {
  return `${flow.localAddress} ${flow.localPort} ${flow.remoteAddress} ${flow.remotePort}`;
}

function mirrored({ flow }: TcpFlow): string {
  return `${flow.remoteAddress} ${flow.remotePort} ${flow.localAddress} ${flow.localPort}`;
}
