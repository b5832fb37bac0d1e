import type { Connection, Evidence } from './evidence.ts';
import type { EvidenceLine } from './evidence-line.ts';
import { type Findings, findingsIn, isBroken, MIDDLEBOX_INTERFERENCE } from './findings.ts';
import type { LinkName, Topology } from './topology.ts';
import {
  becauseMultipath,
  FALLBACKS,
  type FallbackReason,
  LATE_FALLBACK,
  NOTHING,
  type NothingReason,
  PLAIN,
  type PlainReason,
  type Reasoning,
} from './verdict-reasons.ts';

export type { FallbackReason, NothingReason, PlainReason } from './verdict-reasons.ts';

/**
 * What the evidence means. `headline` is "Multipath TCP", "Fell back to TCP", "Plain TCP" or "No connection";
 * `explanation` says the rest in a sentence or two; `remedy` says what to change; `because` is the evidence that decided, in
 * the order of the argument.
 */
export type Verdict = { headline: string; explanation: string; because: EvidenceLine[] } & (
  | { kind: 'multipath'; connections: Connection[]; bytes: LinkShare[] }
  | { kind: 'fallback'; reason: FallbackReason; remedy: string; bytes: LinkShare[] }
  | { kind: 'plain-tcp'; reason: PlainReason; remedy: string; bytes: LinkShare[] }
  | { kind: 'nothing'; reason: NothingReason; remedy: string }
);

/** Bytes with all headers, both directions, and their share of the run's bytes in percent; the shares add up to 100. */
export type LinkShare = { link: LinkName; title: string; bytes: number; percent: number };

/**
 * Judges one run of the client by what the kernels of both hosts counted (net/mptcp/mib.h). Pure, so that a recording
 * gives the verdict of its run. What a program prints plays no part in it.
 */
export function judge(evidence: Evidence, topology: Topology): Verdict {
  const found = findingsIn(evidence);
  const bytes = linkShares(evidence, topology);
  const fellBack = (reason: FallbackReason): Verdict => ({
    kind: 'fallback',
    headline: 'Fell back to TCP',
    reason,
    bytes,
    ...argue(FALLBACKS[reason], found),
  });

  const offers = found.mptcp('client', 'MPCapableSYNTX');
  const accepted = found.mptcp('client', 'MPCapableSYNACKRX');
  const fallbackAtConnect = found.mptcp('client', 'MPCapableFallbackSYNACK') + found.mptcp('server', 'MPCapableFallbackACK');
  const fallbackLater = sum(LATE_FALLBACK.map((name) => found.mptcp('client', name) + found.mptcp('server', name)));
  // ActiveOpens counts every SYN of a new flow: connections, joins and plain TCP alike.
  const plain = found.tcpMoved('client', 'ActiveOpens') - offers - found.mptcp('client', 'MPJoinSynTx');
  const failed = found.tcpMoved('client', 'AttemptFails');
  // Offers without an answer are among the failed ones.
  const plainFailed = Math.max(0, failed - (offers - accepted));

  // A socket's mark and the counters tell the same; the mark is there for kernels that count it elsewhere.
  const marked = accepted > 0 && evidence.sockets.some((socket) => socket.fallback) && fallbackAtConnect === 0;

  if (fallbackLater > 0 || marked) return fellBack('late');
  // Without Multipath TCP the server answered; where it did not, nothing but the address or the link is to blame.
  const answeredPlain = found.mptcp('client', 'Blackhole') + found.tcpMoved('server', 'PassiveOpens') > 0;
  if (found.mptcp('client', 'MPCapableSYNTXDrop') > 0 && answeredPlain) return fellBack('blackhole');
  if (found.mptcp('client', 'MPCapableSYNTXDisabled') > 0 && plain > plainFailed) return fellBack('blackhole-remembered');
  if (fallbackAtConnect > 0) return fellBack(reasonAtConnect(found.mptcp('server', 'MPCapableSYNRX'), evidence));
  if (accepted > 0 && found.mptcp('server', 'MPCapableACKRX') > 0) return multipath(evidence, topology, bytes, plain);
  if (plain > plainFailed) {
    const reason: PlainReason = evidence.mptcpEnabled.client ? 'plain-socket' : 'switched-off';
    return { kind: 'plain-tcp', headline: 'Plain TCP', reason, bytes, ...argue(PLAIN[reason], found) };
  }
  const reason = whyNothing({ attempts: offers + plain, failed, refused: found.tcpMoved('server', 'OutRsts') });
  return { kind: 'nothing', headline: 'No connection', reason, ...argue(NOTHING[reason], found) };
}

function argue(
  { because, ...words }: Reasoning,
  found: Findings,
): { explanation: string; remedy: string; because: EvidenceLine[] } {
  return { ...words, because: because(found) };
}

function reasonAtConnect(offersSeenByServer: number, evidence: Evidence): FallbackReason {
  if (offersSeenByServer > 0) return 'stripped-from-syn-ack';
  // A connection that lived long enough tells its port; for others, any Multipath TCP listener of the server must do.
  const ports = evidence.sockets.filter(({ fallback }) => fallback).map(({ flow }) => flow.remotePort);
  const listened = evidence.mptcpListenPorts.filter((port) => ports.length === 0 || ports.includes(port));
  return listened.length > 0 ? 'stripped-from-syn' : 'server-is-plain-tcp';
}

/** Counts of flows: begun, given up, and answered by a reset of the server. */
type Attempts = { attempts: number; failed: number; refused: number };

function whyNothing({ attempts, failed, refused }: Attempts): NothingReason {
  if (attempts <= 0) return 'none-opened';
  return failed > 0 && refused > 0 ? 'refused' : 'no-answer';
}

function multipath(evidence: Evidence, topology: Topology, bytes: LinkShare[], plain: number): Verdict {
  const { connections } = evidence;
  const [first] = connections;
  const count = evidence.counters.client.mptcp['MPCapableSYNACKRX'] ?? connections.length;
  const subject =
    count === 1 && first !== undefined
      ? `Connection 0x${first.token}, ${describeSubflows(first, evidence, topology, bytes)}`
      : `${count === 1 ? 'One connection' : `${count} connections`}.`;
  const broken = connections.map(describeBreak).find((text) => text !== '') ?? '';
  const beside = plain > 0 ? ` Beside it, ${plain === 1 ? 'one connection was' : `${plain} connections were`} plain TCP.` : '';
  const because = becauseMultipath(findingsIn(evidence), plain);
  return { kind: 'multipath', headline: 'Multipath TCP', explanation: subject + broken + beside, because, connections, bytes };
}

function describeBreak(connection: Connection): string {
  if (!isBroken(connection)) return '';
  const interfered = connection.subflows.some(({ resetReason }) => resetReason === MIDDLEBOX_INTERFERENCE);
  return ` Then every subflow was reset${interfered ? ', because a middlebox interfered' : ''}: the connection broke.`;
}

function describeSubflows(connection: Connection, evidence: Evidence, topology: Topology, bytes: LinkShare[]): string {
  if (connection.subflows.length > 1) {
    const shares = bytes.map((share) => `${share.percent} % over ${share.title}`).join(', ');
    return `${NUMBERS[connection.subflows.length] ?? connection.subflows.length} subflows: ${shares}.`;
  }
  const title = topology.links.find((link) => link.name === connection.subflows[0]?.link)?.title ?? 'an unknown link';
  const joining = (evidence.counters.client.mptcp['MPJoinSynTx'] ?? 0) > 0;
  const why = joining
    ? 'The second one was on its way when the connection ended.'
    : 'The connection ended before a second one was begun.';
  return `one subflow, over ${title}. ${connection.closed ? why : ''}`.trim();
}

const NUMBERS = ['no', 'one', 'two', 'three', 'four', 'five', 'six', 'seven', 'eight', 'nine'];

function linkShares(evidence: Evidence, topology: Topology): LinkShare[] {
  const amounts = topology.links.flatMap(({ name, title }) => {
    const counted = evidence.links[name];
    const bytes = (counted?.sentBytes ?? 0) + (counted?.receivedBytes ?? 0);
    return bytes === 0 ? [] : [{ link: name, title, bytes }];
  });
  const total = sum(amounts.map(({ bytes }) => bytes));
  let given = 0;
  return amounts.map((amount, position) => {
    const percent = position === amounts.length - 1 ? 100 - given : Math.round((100 * amount.bytes) / total);
    given += percent;
    return { ...amount, percent };
  });
}

function sum(values: number[]): number {
  return values.reduce((total, value) => total + value, 0);
}
