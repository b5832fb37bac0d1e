import type { EvidenceLine } from './evidence-line.ts';
import type { Findings } from './findings.ts';

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

export type NothingReason = 'none-opened' | 'refused' | 'no-answer';

/** What a verdict says for a reason, and the evidence that decided for it, in the order in which it decides. */
export type Reasoning = { explanation: string; remedy: string; because(found: Findings): EvidenceLine[] };

/** The kernel gives up Multipath TCP on a connection that began with it (RFC 8684, section 3.7). */
export const LATE_FALLBACK = [
  'MPCapableDataFallback',
  'DssFallback',
  'InfiniteMapRx',
  'DSSCorruptionFallback',
  'SimultConnectFallback',
];

export const FALLBACKS: Record<FallbackReason, Reasoning> = {
  'server-is-plain-tcp': {
    explanation: 'The client asked for Multipath TCP, and the server answered as a plain TCP socket does.',
    remedy: 'Create the server’s listening socket with IPPROTO_MPTCP too.',
    because: (found) => [
      ...asked(found),
      ...answeredWithout(found),
      found.counter('server', 'MPCapableSYNRX', 'No Multipath TCP socket of the server was asked.'),
      found.listeners('No Multipath TCP socket listened on that port of the server.'),
    ],
  },
  'stripped-from-syn': {
    explanation:
      'The client asked for Multipath TCP, but the request never reached the server: something on the way removed the option.',
    remedy: 'Find the middlebox that removes TCP option 30 from SYN packets.',
    because: (found) => [
      ...asked(found),
      ...answeredWithout(found),
      found.listeners('A Multipath TCP socket of the server listened.'),
      found.counter('server', 'MPCapableSYNRX', 'Yet no SYN reached it with the option in it.'),
    ],
  },
  'stripped-from-syn-ack': {
    explanation: 'The server agreed to Multipath TCP, but its answer lost the option on the way to the client.',
    remedy: 'Find the middlebox that removes TCP option 30 from SYN+ACK packets.',
    because: (found) => [
      ...asked(found),
      found.counter('server', 'MPCapableSYNRX', 'The request reached the server, whose kernel agrees in its SYN+ACK.'),
      ...answeredWithout(found),
      ...found.moved('server', 'MPCapableFallbackACK', 'So the client’s third packet came without it too.'),
    ],
  },
  blackhole: {
    explanation: 'Packets that ask for Multipath TCP were lost again and again, so the kernel tried without.',
    remedy: 'Find what drops SYN packets with TCP option 30. The kernel tries again after net.mptcp.blackhole_timeout.',
    because: (found) => [
      ...asked(found),
      found.counter('client', 'MPCapableSYNTXDrop', 'No answer came, so the kernel sent a SYN without the option.'),
      ...found.moved('client', 'Blackhole', 'That one was answered at once: the kernel takes note of a blackhole.'),
      ...found.movedTcp('server', 'PassiveOpens', 'The server took the connection that asked for nothing.'),
    ],
  },
  'blackhole-remembered': {
    explanation:
      'The client’s kernel did not ask for Multipath TCP: an earlier connection met a blackhole, which it remembers for an hour at first, and longer each time.',
    remedy: 'Mend the way, and make the kernel forget: sysctl -w net.mptcp.blackhole_timeout=3600',
    because: (found) => [
      found.counter(
        'client',
        'MPCapableSYNTXDisabled',
        'The socket was a Multipath TCP socket, and its SYN left without the option.',
      ),
      found.tcp('client', 'ActiveOpens', 'A connection was begun.'),
    ],
  },
  late: {
    explanation:
      'The connection began as Multipath TCP and lost it later: something on the way removed the options from packets with data, or changed the data.',
    remedy: 'Find the middlebox that removes TCP option 30 from data packets, or rewrites what they carry.',
    because: (found) => [
      found.counter('client', 'MPCapableSYNACKRX', 'The connection began as Multipath TCP: the server agreed.'),
      ...LATE_FALLBACK.flatMap((name) => [
        ...found.moved('client', name, 'The client’s kernel gave Multipath TCP up.'),
        ...found.moved('server', name, 'The server’s kernel gave Multipath TCP up.'),
      ]),
      ...found.sockets((fallback) => (fallback ? 'The client’s socket is marked: it goes on as TCP.' : null)),
    ],
  },
};

export const PLAIN: Record<PlainReason, Reasoning> = {
  'plain-socket': {
    explanation:
      'The connection was made without asking for Multipath TCP: its socket was a TCP socket, because the program or its library asked for one.',
    remedy: 'Create the client’s socket with IPPROTO_MPTCP (262) as the protocol, or run the program with mptcpize.',
    because: (found) => [
      found.tcp('client', 'ActiveOpens', 'A connection was begun.'),
      found.mptcp('client', 'MPCapableSYNTX') === 0
        ? found.counter('client', 'MPCapableSYNTX', 'None of its SYN packets asked for Multipath TCP.')
        : found.counter('client', 'MPCapableSYNTX', 'Some asked for Multipath TCP; the one that was answered did not.'),
      found.setting('client', 'Multipath TCP was there to be asked for.'),
    ],
  },
  'switched-off': {
    explanation:
      'Multipath TCP is switched off on the client (net.mptcp.enabled=0), so no program can get such a socket: the connection was TCP.',
    remedy: 'Switch it on: sysctl -w net.mptcp.enabled=1',
    because: (found) => [
      found.setting('client', 'The client’s kernel gives no Multipath TCP socket to anybody.'),
      found.tcp('client', 'ActiveOpens', 'A connection was begun.'),
      found.counter('client', 'MPCapableSYNTX', 'None of its SYN packets asked for Multipath TCP.'),
    ],
  },
};

export const NOTHING: Record<NothingReason, Reasoning> = {
  'none-opened': {
    explanation: 'The client opened none.',
    remedy: 'Look at the client’s terminal for an error.',
    because: (found) => [found.tcp('client', 'ActiveOpens', 'No SYN left the client, with Multipath TCP or without.')],
  },
  refused: {
    explanation: 'The server refused it: no socket listened on that port.',
    remedy: 'Look at the server’s terminal: is it running, and on the port that the client asks for?',
    because: (found) => [
      ...found.moved('client', 'MPCapableSYNTX', 'The client asked for Multipath TCP.'),
      found.tcp('client', 'ActiveOpens', 'A connection was begun.'),
      found.tcp('server', 'OutRsts', 'The server answered with a reset.'),
      found.tcp('client', 'AttemptFails', 'So the attempt failed.'),
    ],
  },
  'no-answer': {
    explanation: 'The client asked for one and got no answer.',
    remedy: 'Check the address that the client connects to, and the links: is one of them down, or losing every packet?',
    because: (found) => [
      ...found.moved('client', 'MPCapableSYNTX', 'The client asked for Multipath TCP.'),
      found.tcp('client', 'ActiveOpens', 'A connection was begun.'),
      ...found.moved('client', 'MPCapableSYNTXDrop', 'The kernel tried without Multipath TCP too.'),
      found.counter('client', 'MPCapableSYNACKRX', 'No SYN+ACK with the option came back.'),
      found.tcp('server', 'PassiveOpens', 'The server took no connection.'),
    ],
  },
};

/** @param plain connections beside it that did not ask */
export function becauseMultipath(found: Findings, plain: number): EvidenceLine[] {
  return [
    ...asked(found),
    found.counter('client', 'MPCapableSYNACKRX', 'The server agreed.'),
    found.counter('server', 'MPCapableACKRX', 'The client’s third packet reached the server: both hosts have both keys.'),
    found.still(
      [...LATE_FALLBACK, 'MPCapableFallbackSYNACK', 'MPCapableFallbackACK'],
      'No fallback was counted, on neither host.',
    ),
    ...found.sockets((fallback) => (fallback ? null : 'The client’s socket has no mark of a fallback.')),
    found.counter('client', 'MPJoinSynTx', furtherSubflow(found)),
    ...found.joined('It was joined to the connection.'),
    ...found.broken((interfered) =>
      interfered ? 'The subflow was reset: a middlebox interfered.' : 'The subflow was reset by the other host.',
    ),
    ...(plain > 0 ? [found.tcp('client', 'ActiveOpens', besides(plain))] : []),
  ];
}

const furtherSubflow = (found: Findings) =>
  found.mptcp('client', 'MPJoinSynTx') > 0
    ? 'A further subflow was asked for.'
    : 'No further subflow was asked for while it lasted.';

const besides = (plain: number) =>
  `Of all that was begun, ${plain === 1 ? 'one connection was' : `${plain} connections were`} neither an offer nor a further subflow.`;

function asked(found: Findings): EvidenceLine[] {
  return [found.counter('client', 'MPCapableSYNTX', 'The client asked for Multipath TCP.')];
}

function answeredWithout(found: Findings): EvidenceLine[] {
  return found.moved('client', 'MPCapableFallbackSYNACK', 'The answer came without the option.');
}
