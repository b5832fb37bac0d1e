import type { Connection, Evidence } from './evidence.ts';
import type { LinkName, Topology } from './topology.ts';

/**
 * What the evidence means. `headline` is "Multipath TCP", "Fell back to TCP", "Plain TCP" or "No connection";
 * `explanation` says the rest in a sentence or two; `remedy` says what to change.
 */
export type Verdict =
  | { kind: 'multipath'; headline: string; explanation: string; connections: Connection[]; bytes: LinkShare[] }
  | { kind: 'fallback'; headline: string; explanation: string; remedy: string; reason: FallbackReason; bytes: LinkShare[] }
  | { kind: 'plain-tcp'; headline: string; explanation: string; remedy: string; reason: PlainReason; bytes: LinkShare[] }
  | { kind: 'nothing'; headline: string; explanation: string; remedy: string };

export type FallbackReason =
  | 'server-is-plain-tcp'
  | 'stripped-from-syn'
  | 'stripped-from-syn-ack'
  | 'blackhole'
  /** The kernel did not ask, since it remembers a blackhole of an earlier connection. */
  | 'blackhole-remembered'
  | 'late';

/**
 * `plain-socket`: no Multipath TCP socket was connected. Whether the program asked for none or its library has no way to
 * ask cannot be told apart: the kernel sees a TCP socket in both cases. `switched-off`: it can have made none.
 */
export type PlainReason = 'plain-socket' | 'switched-off';

/** Bytes with all headers, both directions, and their share of the run's bytes in percent; the shares add up to 100. */
export type LinkShare = { link: LinkName; title: string; bytes: number; percent: number };

/**
 * Judges one run of the client by what the kernels of both hosts counted (net/mptcp/mib.h). Pure, so that a recording
 * gives the verdict of its run. What a program prints plays no part in it.
 */
export function judge(evidence: Evidence, topology: Topology): Verdict {
  const client = counterOf(evidence.counters.client.mptcp);
  const server = counterOf(evidence.counters.server.mptcp);
  const tcp = counterOf(evidence.counters.client.tcp);
  const serverTcp = counterOf(evidence.counters.server.tcp);
  const bytes = linkShares(evidence, topology);

  const offers = client('MPCapableSYNTX');
  const accepted = client('MPCapableSYNACKRX');
  const fallbackAtConnect = client('MPCapableFallbackSYNACK') + server('MPCapableFallbackACK');
  const fallbackLater = sum(LATE_FALLBACK.map((name) => client(name) + server(name)));
  // ActiveOpens counts every SYN of a new flow: connections, joins and plain TCP alike.
  const plain = tcp('ActiveOpens') - offers - client('MPJoinSynTx');
  const failed = tcp('AttemptFails');
  // Offers without an answer are among the failed ones.
  const plainFailed = Math.max(0, failed - (offers - accepted));

  // A socket's mark and the counters tell the same; the mark is there for kernels that count it elsewhere.
  const marked = accepted > 0 && evidence.sockets.some((socket) => socket.fallback) && fallbackAtConnect === 0;

  if (fallbackLater > 0 || marked) return fellBack('late', bytes);
  // Without Multipath TCP the server answered; where it did not, nothing but the address or the link is to blame.
  if (client('MPCapableSYNTXDrop') > 0 && client('Blackhole') + serverTcp('PassiveOpens') > 0)
    return fellBack('blackhole', bytes);
  if (client('MPCapableSYNTXDisabled') > 0 && plain > plainFailed) return fellBack('blackhole-remembered', bytes);
  if (fallbackAtConnect > 0) return fellBack(reasonAtConnect(server('MPCapableSYNRX'), evidence), bytes);
  if (accepted > 0 && server('MPCapableACKRX') > 0) return multipath(evidence, topology, bytes, plain);
  if (plain > plainFailed) return plainTcp(evidence.mptcpEnabled.client ? 'plain-socket' : 'switched-off', bytes);
  return nothing({ attempts: offers + plain, failed, refused: serverTcp('OutRsts') });
}

/** The kernel gives up Multipath TCP on a connection that began with it (RFC 8684, section 3.7). */
const LATE_FALLBACK = ['MPCapableDataFallback', 'DssFallback', 'InfiniteMapRx', 'DSSCorruptionFallback', 'SimultConnectFallback'];

function reasonAtConnect(offersSeenByServer: number, evidence: Evidence): FallbackReason {
  if (offersSeenByServer > 0) return 'stripped-from-syn-ack';
  // A connection that lived long enough tells its port; for others, any Multipath TCP listener of the server must do.
  const ports = evidence.sockets.filter(({ fallback }) => fallback).map(({ flow }) => flow.remotePort);
  const listened = evidence.mptcpListenPorts.filter((port) => ports.length === 0 || ports.includes(port));
  return listened.length > 0 ? 'stripped-from-syn' : 'server-is-plain-tcp';
}

const FALLBACKS: Record<FallbackReason, { explanation: string; remedy: string }> = {
  'server-is-plain-tcp': {
    explanation: 'The client asked for Multipath TCP, and the server answered as a plain TCP socket does.',
    remedy: 'Create the server’s listening socket with IPPROTO_MPTCP too.',
  },
  'stripped-from-syn': {
    explanation:
      'The client asked for Multipath TCP, but the request never reached the server: something on the way removed the option.',
    remedy: 'Find the middlebox that removes TCP option 30 from SYN packets.',
  },
  'stripped-from-syn-ack': {
    explanation: 'The server agreed to Multipath TCP, but its answer lost the option on the way to the client.',
    remedy: 'Find the middlebox that removes TCP option 30 from SYN+ACK packets.',
  },
  blackhole: {
    explanation: 'Packets that ask for Multipath TCP were lost again and again, so the kernel tried without.',
    remedy: 'Find what drops SYN packets with TCP option 30. The kernel tries again after net.mptcp.blackhole_timeout.',
  },
  'blackhole-remembered': {
    explanation:
      'The client’s kernel did not ask for Multipath TCP: an earlier connection met a blackhole, and it is remembered for an hour.',
    remedy: 'Mend the way, and make the kernel forget: sysctl -w net.mptcp.blackhole_timeout=3600',
  },
  late: {
    explanation:
      'The connection began as Multipath TCP and lost it later: something on the way removed the options from packets with data.',
    remedy: 'Find the middlebox that removes TCP option 30 from data packets.',
  },
};

function fellBack(reason: FallbackReason, bytes: LinkShare[]): Verdict {
  return { kind: 'fallback', headline: 'Fell back to TCP', reason, bytes, ...FALLBACKS[reason] };
}

const PLAIN: Record<PlainReason, { explanation: string; remedy: string }> = {
  'plain-socket': {
    explanation:
      'The connection was made without asking for Multipath TCP: its socket was a TCP socket, because the program or its library asked for one.',
    remedy: 'Create the client’s socket with IPPROTO_MPTCP (262) as the protocol, or run the program with mptcpize.',
  },
  'switched-off': {
    explanation:
      'Multipath TCP is switched off on the client (net.mptcp.enabled=0), so no program can get such a socket: the connection was TCP.',
    remedy: 'Switch it on: sysctl -w net.mptcp.enabled=1',
  },
};

function plainTcp(reason: PlainReason, bytes: LinkShare[]): Verdict {
  return { kind: 'plain-tcp', headline: 'Plain TCP', reason, bytes, ...PLAIN[reason] };
}

/** Counts of flows: begun, given up, and answered by a reset of the server. */
type Attempts = { attempts: number; failed: number; refused: number };

function nothing({ attempts, failed, refused }: Attempts): Verdict {
  const headline = 'No connection';
  if (attempts <= 0) {
    return {
      kind: 'nothing',
      headline,
      explanation: 'The client opened none.',
      remedy: 'Look at the client’s terminal for an error.',
    };
  }
  if (failed > 0 && refused > 0) {
    return {
      kind: 'nothing',
      headline,
      explanation: 'The server refused it: no socket listened on that port.',
      remedy: 'Look at the server’s terminal: is it running, and on the port that the client asks for?',
    };
  }
  return {
    kind: 'nothing',
    headline,
    explanation: 'The client asked for one and got no answer.',
    remedy: 'Check the address that the client connects to, and the links: is one of them down, or losing every packet?',
  };
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
  return { kind: 'multipath', headline: 'Multipath TCP', explanation: subject + broken + beside, connections, bytes };
}

/** ECONNRESET (errno(3)), and the reason "Middlebox interference" (RFC 8684, section 3.6). */
const RESET = 104;
const MIDDLEBOX_INTERFERENCE = 6;

/** With several subflows there is no fallback: one that loses its options is reset (RFC 8684, section 3.7). */
function describeBreak({ subflows }: Connection): string {
  if (subflows.length === 0 || !subflows.every(({ error }) => error === RESET)) return '';
  const interfered = subflows.some(({ resetReason }) => resetReason === MIDDLEBOX_INTERFERENCE);
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

function counterOf(counters: Record<string, number>): (name: string) => number {
  return (name) => counters[name] ?? 0;
}

function sum(values: number[]): number {
  return values.reduce((total, value) => total + value, 0);
}
