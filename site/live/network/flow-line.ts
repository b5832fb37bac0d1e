import type { Flow, FlowNow } from '../../../protocol/evidence.ts';
import { RUN_HOSTS, type RunHost } from '../../../protocol/manifest.ts';
import { type LinkName, linkOfClientAddress, type Topology } from '../../../protocol/topology.ts';

/** One TCP flow, as a line on the map. */
export type FlowLine = {
  id: string;
  /** Null for a flow that no Multipath TCP connection has. */
  token: string | null;
  /** As the client sees it; null where only the bytes of a link tell that there is one. */
  flow: Flow | null;
  link: LinkName | null;
  /** `plain` is TCP, or what a connection has fallen back to. */
  state: 'joining' | 'established' | 'stale' | 'closed' | 'plain';
  /** Who wants to use it only where no other one can be used. */
  backupFor: RunHost[];
  /** How it became part of a connection, and why it is no more; null for what nothing tells. */
  began: 'MP_CAPABLE' | 'MP_JOIN' | null;
  ended: string | null;
  /** At the last list of flows. */
  listed: { atMs: number; sentBytes: number; receivedBytes: number; rate: Rate | null } | null;
};

/** Bits per second, and whereto most of them go. */
export type Rate = { bits: number; toward: RunHost };

/** What a flow looks like, and the word for it. */
export type Look = FlowLine['state'] | 'backup';

export const LOOK_WORDS: Record<Look, string> = {
  joining: 'joining',
  established: 'established',
  backup: 'backup',
  stale: 'stale',
  closed: 'closed',
  plain: 'plain TCP',
};

export function lookOf({ state, backupFor }: Pick<FlowLine, 'state' | 'backupFor'>): Look {
  return state === 'established' && backupFor.length > 0 ? 'backup' : state;
}

/** Bytes can cross it now, as far as is known. */
export function isOpen({ state }: FlowLine): boolean {
  return state === 'established' || state === 'stale' || state === 'plain';
}

/** Rarely more than a map or a list can show. */
const MAX_FLOWS = 12;
/** A list of flows is old after so long. */
const LISTED_FOR_MS = 2_500;

export function flowId({ localAddress, localPort, remoteAddress, remotePort }: Flow): string {
  return `${localAddress}:${localPort}-${remoteAddress}:${remotePort}`;
}

/** The same flow, as the other end sees it. */
export function mirrored({ localAddress, localPort, remoteAddress, remotePort }: Flow): Flow {
  return { localAddress: remoteAddress, localPort: remotePort, remoteAddress: localAddress, remotePort: localPort };
}

/** The lines with this flow as it is `now`; what is not told stays. */
export function withFlow(lines: FlowLine[], flow: Flow, now: Partial<FlowLine>, topology: Topology): FlowLine[] {
  const id = flowId(flow);
  const known = lines.find((line) => line.id === id);
  if (known !== undefined) return lines.map((line) => (line === known ? { ...line, ...now } : line));
  const line: FlowLine = {
    id,
    token: null,
    flow,
    link: linkOfClientAddress(topology, flow.localAddress),
    state: 'joining',
    backupFor: [],
    began: null,
    ended: null,
    listed: null,
    ...now,
  };
  const flows = lines.filter(isFlow);
  const unclaimed = line.token === null ? flows.length : flows.findIndex(isUnclaimed);
  return withRoom(unclaimed < 0 ? [...flows, line] : flows.toSpliced(unclaimed, 0, line));
}

/** The server told of it before the client's kernel said to which connection it belongs: that one began before. */
function isUnclaimed({ token, state, listed }: FlowLine): boolean {
  return token === null && state === 'joining' && listed === null;
}

/** Where nothing but bytes told of a flow, it is not known to be another one. */
function isFlow({ flow }: FlowLine): boolean {
  return flow !== null;
}

/** A program may open thousands of connections: those that are closed make room, the oldest first. */
function withRoom(lines: FlowLine[]): FlowLine[] {
  if (lines.length <= MAX_FLOWS) return lines;
  const closed = lines.findIndex(({ state }) => state === 'closed');
  return lines.filter((_, index) => index !== Math.max(0, closed));
}

/** One of the hosts tells whether it wants the flow as a backup. */
export function backupFor(lines: FlowLine[], flow: Flow, host: RunHost, wanted: boolean): RunHost[] {
  const before = lines.find(({ id }) => id === flowId(flow))?.backupFor ?? [];
  return RUN_HOSTS.filter((name) => (name === host ? wanted : before.includes(name)));
}

/** The lines with all that a list of flows tells. */
export function withListed(lines: FlowLine[], atMs: number, flows: FlowNow[], topology: Topology): FlowLine[] {
  const listed = flows.reduce((told, flow) => withOne(told, atMs, flow, topology), lines);
  const ids = new Set(flows.map(({ flow }) => flowId(flow)));
  // Of the others, an event of the kernel tells when they are closed.
  return listed.map((line) => {
    const isGone = line.listed !== null && !ids.has(line.id) && (line.state === 'plain' || line.state === 'joining');
    return isGone ? { ...line, state: 'closed' } : line;
  });
}

function withOne(lines: FlowLine[], atMs: number, now: FlowNow, topology: Topology): FlowLine[] {
  const known = lines.find(({ id }) => id === flowId(now.flow));
  const { sentBytes, receivedBytes } = now;
  const rate = known?.listed ? rateBetween(known.listed, { atMs, sentBytes, receivedBytes }) : null;
  const state = known === undefined ? stateOf(now) : stateAfter(known.state, now);
  // Lists tell that it is a backup, not for whom.
  const asked = known === undefined || known.backupFor.length === 0 ? (['client'] as const) : known.backupFor;
  return withFlow(
    lines,
    now.flow,
    {
      token: now.token ?? (state === 'plain' ? null : (known?.token ?? null)),
      state,
      backupFor: now.backup ? [...asked] : [],
      began: known?.began ?? (now.token === null ? null : now.joining ? 'MP_JOIN' : null),
      listed: { atMs, sentBytes, receivedBytes, rate },
    },
    topology,
  );
}

function stateOf({ joining, token, stale }: FlowNow): FlowLine['state'] {
  if (joining) return 'joining';
  if (token === null) return 'plain';
  return stale ? 'stale' : 'established';
}

/** The list may be a little older than an event that was told before it. */
function stateAfter(before: FlowLine['state'], now: FlowNow): FlowLine['state'] {
  if (before === 'closed' || (now.joining && before !== 'plain')) return before;
  return stateOf(now);
}

type Bytes = { atMs: number; sentBytes: number; receivedBytes: number };

/** @returns null where no time has passed */
export function rateBetween(from: Bytes, to: Bytes): Rate | null {
  if (to.atMs <= from.atMs) return null;
  const sent = Math.max(0, to.sentBytes - from.sentBytes);
  const received = Math.max(0, to.receivedBytes - from.receivedBytes);
  return { bits: ((sent + received) * 8_000) / (to.atMs - from.atMs), toward: sent >= received ? 'server' : 'client' };
}

/**
 * How fast bytes cross a flow. All of its link's where it is alone there; else what two lists of flows tell, and null where
 * there are none: nobody knows then whose bytes they are.
 */
export function rateOf(line: FlowLine, lines: FlowLine[], linkRates: Partial<Record<LinkName, Rate>>, atMs: number): Rate | null {
  if (!isOpen(line) || line.link === null) return null;
  const beside = lines.filter((other) => other.link === line.link && isOpen(other));
  if (beside.length === 1) return linkRates[line.link] ?? null;
  return line.listed !== null && atMs - line.listed.atMs < LISTED_FOR_MS ? line.listed.rate : null;
}

/** A plain connection is in no event of Multipath TCP: until a list has it, the bytes say where it goes. */
export function plainLines(bytes: Partial<Record<LinkName, number>>): FlowLine[] {
  return (['wifi', 'cellular'] as const).flatMap((link) =>
    (bytes[link] ?? 0) === 0
      ? []
      : [
          {
            id: `plain-${link}`,
            token: null,
            flow: null,
            link,
            state: 'plain' as const,
            backupFor: [],
            began: null,
            ended: null,
            listed: null,
          },
        ],
  );
}
