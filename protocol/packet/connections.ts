import { endText } from './address.ts';
import { tokenOf } from './arithmetic.ts';
import type { DecodedPacket } from './decode.ts';
import type { MptcpOption } from './mptcp-option.ts';
import type { TcpHeader } from './tcp.ts';

/** The two hosts of a connection; `client` is the one that sent the first SYN. */
export type Side = 'client' | 'server';

export type End = { address: string; port: number };

/** One TCP flow: a subflow of a connection, or plain TCP. Packets are positions in the list that was tracked. */
export type TrackedFlow = {
  /** Who sent its SYN, or, where that was not seen, the first packet. */
  opener: End;
  acceptor: End;
  packets: { packet: number; sentBy: 'opener' | 'acceptor' }[];
  /** The opener's first sequence number, when its SYN was seen. */
  openerSequence: number | null;
  /** The SYN asked for Multipath TCP with MP_CAPABLE, whatever became of it. */
  offered: boolean;
};

export type TrackedSubflow = TrackedFlow & {
  role: 'initial' | 'joined';
  /** Which host of the connection opened it: a server may join an address of the client too. */
  openedBy: Side;
};

export type TrackedConnection = {
  /** In hexadecimal digits; `null` while not seen. A token follows from its key, or was seen in an MP_JOIN. */
  keys: Record<Side, SeenKey | null>;
  tokens: Record<Side, string | null>;
  subflows: TrackedSubflow[];
};

export type SeenKey = { key: string; packet: number };

/** What a list of packets was about. */
export type Traffic = { connections: TrackedConnection[]; plain: TrackedFlow[] };

/**
 * Sorts packets into connections, subflows and plain TCP flows: keys lead to tokens, tokens to joins (RFC 8684, sections 3.1
 * and 3.2). A capture that begins in the middle of a connection gives what can be known.
 */
export function trackConnections(packets: DecodedPacket[]): Traffic {
  const flows = new Map<string, TrackedFlow>();
  const subflows = new Map<TrackedFlow, { connection: TrackedConnection; subflow: TrackedSubflow }>();
  const connections: TrackedConnection[] = [];
  const all: TrackedFlow[] = [];

  for (const [packet, { ip, tcp, mptcp }] of packets.entries()) {
    if (ip === null || tcp === null) continue;
    const source = { address: ip.source, port: tcp.sourcePort };
    const destination = { address: ip.destination, port: tcp.destinationPort };
    const name = [endText(source), endText(destination)].sort().join(' ');
    let flow = flows.get(name);
    if (flow === undefined || isNewSyn(flow, tcp)) {
      flow = openFlow(source, destination, tcp);
      flows.set(name, flow);
      all.push(flow);
    }
    const sentBy = endText(flow.opener) === endText(source) ? 'opener' : 'acceptor';
    flow.packets.push({ packet, sentBy });
    if (isFirstSyn(tcp)) flow.offered ||= mptcp.some(({ subtype }) => subtype === 'MP_CAPABLE');

    for (const option of mptcp) {
      const known = subflows.get(flow);
      if (option.subtype === 'MP_CAPABLE') {
        const found = known ?? begin(flow, option, connections);
        if (found === null) continue;
        subflows.set(flow, found);
        noteKeys(found.connection, option, sentBy, packet);
      }
      if (option.subtype === 'MP_JOIN' && option.form === 'syn' && known === undefined) {
        subflows.set(flow, join(flow, option.receiverToken, connections));
      }
    }
  }
  return { connections, plain: all.filter((flow) => !subflows.has(flow)) };
}

function openFlow(source: End, destination: End, { flags, sequence }: TcpHeader): TrackedFlow {
  const answered = flags.syn && flags.ack;
  return {
    opener: answered ? destination : source,
    acceptor: answered ? source : destination,
    packets: [],
    openerSequence: flags.syn && !flags.ack ? sequence : null,
    offered: false,
  };
}

function isFirstSyn({ flags }: TcpHeader): boolean {
  return flags.syn && !flags.ack;
}

/** The same four values used again, by a new flow: its SYN has another sequence number. */
function isNewSyn(flow: TrackedFlow, tcp: TcpHeader): boolean {
  return isFirstSyn(tcp) && flow.openerSequence !== tcp.sequence;
}

type Found = { connection: TrackedConnection; subflow: TrackedSubflow };

/** The SYN alone begins nothing: without an answer that agrees, the flow is plain TCP. */
function begin(
  flow: TrackedFlow,
  option: MptcpOption & { subtype: 'MP_CAPABLE' },
  connections: TrackedConnection[],
): Found | null {
  if (option.form === 'syn' || option.form === 'other-version') return null;
  const connection: TrackedConnection = {
    keys: { client: null, server: null },
    tokens: { client: null, server: null },
    subflows: [],
  };
  connections.push(connection);
  return adopt(connection, flow, 'initial', 'client');
}

/** A token that belongs to no connection seen is one of a connection that began before the capture. */
function join(flow: TrackedFlow, token: string, connections: TrackedConnection[]): Found {
  let connection = connections.findLast(({ tokens }) => tokens.server === token || tokens.client === token);
  if (connection === undefined) {
    connection = { keys: { client: null, server: null }, tokens: { client: null, server: token }, subflows: [] };
    connections.push(connection);
  }
  return adopt(connection, flow, 'joined', connection.tokens.server === token ? 'client' : 'server');
}

/** The flow itself becomes the subflow, so that packets to come are in both. */
function adopt(connection: TrackedConnection, flow: TrackedFlow, role: TrackedSubflow['role'], openedBy: Side): Found {
  const subflow: TrackedSubflow = Object.assign(flow, { role, openedBy });
  connection.subflows.push(subflow);
  return { connection, subflow };
}

function noteKeys(
  connection: TrackedConnection,
  option: MptcpOption & { subtype: 'MP_CAPABLE' },
  sentBy: 'opener' | 'acceptor',
  packet: number,
): void {
  if (option.form === 'syn' || option.form === 'other-version') return;
  const [sender, receiver]: [Side, Side] = sentBy === 'opener' ? ['client', 'server'] : ['server', 'client'];
  noteKey(connection, sender, option.senderKey, packet, option.version);
  if (option.form !== 'syn-ack') noteKey(connection, receiver, option.receiverKey, packet, option.version);
}

function noteKey(connection: TrackedConnection, side: Side, key: string, packet: number, version: number): void {
  if (connection.keys[side] !== null) return;
  connection.keys[side] = { key, packet };
  // Version 0 has tokens by SHA-1, which is not followed here.
  if (version === 1) connection.tokens[side] = tokenOf(key);
}
