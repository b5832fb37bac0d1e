import type { Conditions } from '../../../protocol/conditions.ts';
import { conditionsOf } from '../../../protocol/conditions.ts';
import type { Evidence, Flow, FlowNow, MptcpEvent } from '../../../protocol/evidence.ts';
import type { RunHost } from '../../../protocol/manifest.ts';
import type { FromRunner } from '../../../protocol/message.ts';
import { HOME_TOPOLOGY } from '../../../protocol/topology.ts';
import { mirrored } from './flow-line.ts';
import { goOn, newStory, type Story } from './story.ts';

/** What tests tell a story of. */
export const WIFI: Flow = { localAddress: '10.0.1.2', localPort: 40001, remoteAddress: '10.0.9.1', remotePort: 8262 };
export const CELLULAR: Flow = { ...WIFI, localAddress: '10.0.2.2', localPort: 40002 };
export const TOKEN = '5f3a91c2';

export const begin: FromRunner = { at: 10, type: 'run-phase', run: 2, host: 'client', phase: 'running', command: './client' };

export function tell(events: FromRunner[], from: Story = newStory()): Story {
  return events.reduce(goOn, from);
}

export function kernelEvent(at: number, event: MptcpEvent, host: RunHost = 'client'): FromRunner {
  return { at, type: 'mptcp-event', host, event, line: '' };
}

/** A connection over Wi-Fi, established. */
export const CONNECTED: FromRunner[] = [
  begin,
  kernelEvent(20, { kind: 'created', token: TOKEN, flow: WIFI }),
  kernelEvent(21, { kind: 'established', token: TOKEN, flow: WIFI }),
];

/** A subflow of it joins, and both ends tell so; the client's end with its own token. */
export function joins(at: number, flow: Flow, backup = false): FromRunner[] {
  const client: MptcpEvent = { kind: 'subflow-established', token: TOKEN, flow, backup: false };
  const server: MptcpEvent = { kind: 'subflow-established', token: '01234567', flow: mirrored(flow), backup };
  return [kernelEvent(at, server, 'server'), kernelEvent(at, client)];
}

export function listed(at: number, ...flows: (Partial<FlowNow> & { flow: Flow })[]): FromRunner {
  const now = { token: TOKEN, joining: false, backup: false, stale: false, sentBytes: 0, receivedBytes: 0 };
  return { at, type: 'flows', run: 2, flows: flows.map((flow) => ({ ...now, ...flow })) };
}

export type CounterTold = { tcp?: Record<string, number>; mptcp?: Record<string, number> };

/** Bytes that the client has sent over each link, and its counters. */
export function evidence(
  at: number,
  wifi: number,
  cellular: number,
  { tcp = { ActiveOpens: 1 }, mptcp = {} }: CounterTold = {},
): FromRunner {
  const links = { wifi: { sentBytes: wifi, receivedBytes: 0 }, cellular: { sentBytes: cellular, receivedBytes: 0 } };
  const told: Evidence = {
    kernel: '6.18.44',
    counters: { client: { mptcp, tcp }, server: { mptcp: {}, tcp: {} } },
    countersBefore: { client: { mptcp: {}, tcp: {} }, server: { mptcp: {}, tcp: {} } },
    links,
    connections: [],
    sockets: [],
    mptcpListenPorts: [],
    mptcpEnabled: { client: true, server: true },
  };
  return { at, type: 'evidence', run: 2, evidence: told };
}

/** The lab as it came, but for Wi-Fi, which is cut. */
export const WIFI_CUT: Conditions = {
  ...conditionsOf(HOME_TOPOLOGY, {}),
  links: conditionsOf(HOME_TOPOLOGY, {}).links.map((link) =>
    link.link === 'wifi' ? { ...link, near: { ...link.near, adminUp: false } } : link,
  ),
};

export function conditions(
  at: number,
  now: Conditions,
  commands: { host: 'client'; line: string }[] = [],
  ageMs = 0,
): FromRunner {
  return { at, type: 'conditions', request: 1, conditions: now, commands, ageMs };
}
