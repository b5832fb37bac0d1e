import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Connection, Evidence } from './evidence.ts';
import { observed, packetOf, whereToLook } from './evidence-line.ts';
import { HOME_TOPOLOGY } from './topology.ts';
import { judge } from './verdict.ts';

type Counted = Record<string, number>;

/** Counters as kernel 6.18 left them in a lab; see test/lab for the same on the live kernel. */
function evidence(
  client: Counted,
  server: Counted,
  more: Partial<Evidence> & { tcp?: Counted; serverTcp?: Counted } = {},
): Evidence {
  const { tcp = { ActiveOpens: 1 }, serverTcp = {}, ...rest } = more;
  return {
    kernel: '6.18.44',
    counters: { client: { mptcp: client, tcp }, server: { mptcp: server, tcp: serverTcp } },
    countersBefore: { client: { mptcp: {}, tcp: {} }, server: { mptcp: {}, tcp: {} } },
    links: { wifi: { sentBytes: 600, receivedBytes: 400 } },
    connections: [],
    sockets: [],
    mptcpListenPorts: [],
    mptcpEnabled: { client: true, server: true },
    ...rest,
  };
}

const flow = { localAddress: '10.0.1.2', localPort: 40_000, remoteAddress: '10.0.9.1', remotePort: 8262 };
const asUsual = { backup: false, state: 'closed', error: null, resetReason: null } as const;
const oneSubflow: Connection = {
  token: '5f3a91c2',
  closed: true,
  subflows: [{ flow, link: 'wifi', role: 'initial', ...asUsual }],
};

test('both kernels agree on Multipath TCP', () => {
  const verdict = judge(
    evidence(
      { MPCapableSYNTX: 1, MPCapableSYNACKRX: 1 },
      { MPCapableSYNRX: 1, MPCapableACKRX: 1 },
      { connections: [oneSubflow] },
    ),
    HOME_TOPOLOGY,
  );
  assert.equal(verdict.kind, 'multipath');
  assert.equal(verdict.headline, 'Multipath TCP');
  assert.equal(
    verdict.explanation,
    'Connection 0x5f3a91c2, one subflow, over Wi-Fi. The connection ended before a second one was begun.',
  );
});

test('shares of the links add up to 100 percent', () => {
  const two: Connection = {
    ...oneSubflow,
    subflows: [...oneSubflow.subflows, { flow, link: 'cellular', role: 'joined', ...asUsual }],
  };
  const links = { wifi: { sentBytes: 1, receivedBytes: 1 }, cellular: { sentBytes: 1, receivedBytes: 0 } };
  const verdict = judge(
    evidence(
      { MPCapableSYNTX: 1, MPCapableSYNACKRX: 1, MPJoinSynTx: 1 },
      { MPCapableSYNRX: 1, MPCapableACKRX: 1 },
      { connections: [two], links, tcp: { ActiveOpens: 2 } },
    ),
    HOME_TOPOLOGY,
  );
  assert.equal(verdict.explanation, 'Connection 0x5f3a91c2, two subflows: 67 % over Wi-Fi, 33 % over cellular.');
});

test('a connection whose subflows were all reset is told as broken', () => {
  const reset = { flow, backup: false, state: 'closed', error: 104, resetReason: 6 } as const;
  const broken: Connection = {
    ...oneSubflow,
    closed: false,
    subflows: [
      { ...reset, link: 'wifi', role: 'initial' },
      { ...reset, link: 'cellular', role: 'joined' },
    ],
  };
  const counted = [
    { MPCapableSYNTX: 1, MPCapableSYNACKRX: 1, MPJoinSynTx: 1 },
    { MPCapableSYNRX: 1, MPCapableACKRX: 1 },
  ] as const;
  const tcp = { ActiveOpens: 2 };
  const verdict = judge(evidence(...counted, { connections: [broken], tcp }), HOME_TOPOLOGY);
  assert.equal(verdict.kind, 'multipath');
  assert.match(verdict.explanation, / Then every subflow was reset, because a middlebox interfered: the connection broke\.$/);
  const [first = assert.fail(), ...others] = broken.subflows;
  const alive: Connection = { ...broken, subflows: [{ ...first, state: 'established', error: null }, ...others] };
  assert.doesNotMatch(judge(evidence(...counted, { connections: [alive], tcp }), HOME_TOPOLOGY).explanation, /reset/);
});

test('a second, plain connection beside a Multipath TCP one is told', () => {
  const verdict = judge(
    evidence(
      { MPCapableSYNTX: 1, MPCapableSYNACKRX: 1 },
      { MPCapableSYNRX: 1, MPCapableACKRX: 1 },
      { connections: [oneSubflow], tcp: { ActiveOpens: 2 } },
    ),
    HOME_TOPOLOGY,
  );
  assert.match(verdict.explanation, /Beside it, one connection was plain TCP\.$/);
});

const CASES: { name: string; seen: Evidence; kind: string; reason?: string; says: RegExp; because: string[] }[] = [
  {
    name: 'a plain TCP server',
    seen: evidence({ MPCapableSYNTX: 1, MPCapableFallbackSYNACK: 1 }, {}),
    kind: 'fallback',
    reason: 'server-is-plain-tcp',
    says: /server answered as a plain TCP socket does/,
    because: [
      'client MPCapableSYNTX 0 → 1',
      'client MPCapableFallbackSYNACK 0 → 1',
      'server MPCapableSYNRX still 0',
      'server: no listener',
    ],
  },
  {
    name: 'options stripped from the SYN',
    seen: evidence({ MPCapableSYNTX: 1, MPCapableFallbackSYNACK: 1 }, {}, { mptcpListenPorts: [8262] }),
    kind: 'fallback',
    reason: 'stripped-from-syn',
    says: /never reached the server/,
    because: [
      'client MPCapableSYNTX 0 → 1',
      'client MPCapableFallbackSYNACK 0 → 1',
      'server: port 8262',
      'server MPCapableSYNRX still 0',
    ],
  },
  {
    name: 'options stripped from the SYN+ACK',
    seen: evidence(
      { MPCapableSYNTX: 1, MPCapableFallbackSYNACK: 1 },
      { MPCapableSYNRX: 1, MPCapableFallbackACK: 1 },
      { mptcpListenPorts: [8262] },
    ),
    kind: 'fallback',
    reason: 'stripped-from-syn-ack',
    says: /lost the option on the way to the client/,
    because: [
      'client MPCapableSYNTX 0 → 1',
      'server MPCapableSYNRX 0 → 1',
      'client MPCapableFallbackSYNACK 0 → 1',
      'server MPCapableFallbackACK 0 → 1',
    ],
  },
  {
    name: 'options stripped from data',
    seen: evidence(
      { MPCapableSYNTX: 1, MPCapableSYNACKRX: 1 },
      { MPCapableSYNRX: 1, MPCapableACKRX: 1, MPCapableDataFallback: 1 },
    ),
    kind: 'fallback',
    reason: 'late',
    says: /began as Multipath TCP and lost it later/,
    because: ['client MPCapableSYNACKRX 0 → 1', 'server MPCapableDataFallback 0 → 1'],
  },
  {
    name: 'a blackhole',
    seen: evidence({ MPCapableSYNTX: 1, MPCapableSYNTXDrop: 1, Blackhole: 1 }, {}, { mptcpListenPorts: [8262] }),
    kind: 'fallback',
    reason: 'blackhole',
    says: /lost again and again/,
    because: ['client MPCapableSYNTX 0 → 1', 'client MPCapableSYNTXDrop 0 → 1', 'client Blackhole 0 → 1'],
  },
  {
    name: 'a blackhole of an earlier connection',
    seen: evidence({ MPCapableSYNTXDisabled: 1 }, {}, { mptcpListenPorts: [8262] }),
    kind: 'fallback',
    reason: 'blackhole-remembered',
    says: /did not ask for Multipath TCP/,
    because: ['client MPCapableSYNTXDisabled 0 → 1', 'client ActiveOpens 0 → 1'],
  },
  {
    name: 'a link that loses everything, where the kernel tried without too',
    seen: evidence({ MPCapableSYNTX: 1, MPCapableSYNTXDrop: 1 }, {}, { mptcpListenPorts: [8262] }),
    kind: 'nothing',
    reason: 'no-answer',
    says: /got no answer/,
    because: [
      'client MPCapableSYNTX 0 → 1',
      'client ActiveOpens 0 → 1',
      'client MPCapableSYNTXDrop 0 → 1',
      'client MPCapableSYNACKRX still 0',
      'server PassiveOpens still 0',
    ],
  },
  {
    name: 'a way that ends before the server',
    seen: evidence({ MPCapableSYNTX: 1 }, {}, { tcp: { ActiveOpens: 1, AttemptFails: 1 } }),
    kind: 'nothing',
    reason: 'no-answer',
    says: /got no answer/,
    because: [
      'client MPCapableSYNTX 0 → 1',
      'client ActiveOpens 0 → 1',
      'client MPCapableSYNACKRX still 0',
      'server PassiveOpens still 0',
    ],
  },
  {
    name: 'a plain TCP server beside a Multipath TCP one',
    seen: evidence(
      { MPCapableSYNTX: 1, MPCapableFallbackSYNACK: 1 },
      {},
      { mptcpListenPorts: [80], sockets: [{ flow, token: null, fallback: true, subflowsTotal: 1 }] },
    ),
    kind: 'fallback',
    reason: 'server-is-plain-tcp',
    says: /server answered as a plain TCP socket does/,
    because: [
      'client MPCapableSYNTX 0 → 1',
      'client MPCapableFallbackSYNACK 0 → 1',
      'server MPCapableSYNRX still 0',
      'server: port 80',
    ],
  },
  {
    name: 'the fallback mark of a socket that goes on',
    seen: evidence(
      { MPCapableSYNTX: 1, MPCapableSYNACKRX: 1 },
      { MPCapableSYNRX: 1, MPCapableACKRX: 1 },
      { sockets: [{ flow, token: '5f3a91c2', fallback: true, subflowsTotal: 1 }] },
    ),
    kind: 'fallback',
    reason: 'late',
    says: /began as Multipath TCP and lost it later/,
    because: ['client MPCapableSYNACKRX 0 → 1', 'client 10.0.1.2:40000 fallback'],
  },
  {
    name: 'a TCP client',
    seen: evidence({}, {}),
    kind: 'plain-tcp',
    reason: 'plain-socket',
    says: /its socket was a TCP socket/,
    because: ['client ActiveOpens 0 → 1', 'client MPCapableSYNTX still 0', 'client net.mptcp.enabled = 1'],
  },
  {
    name: 'a client on which Multipath TCP is switched off',
    seen: evidence({}, {}, { mptcpEnabled: { client: false, server: true } }),
    kind: 'plain-tcp',
    reason: 'switched-off',
    says: /switched off on the client/,
    because: ['client net.mptcp.enabled = 0', 'client ActiveOpens 0 → 1', 'client MPCapableSYNTX still 0'],
  },
  {
    name: 'a refusal',
    seen: evidence({ MPCapableSYNTX: 1 }, {}, { tcp: { ActiveOpens: 1, AttemptFails: 1 }, serverTcp: { OutRsts: 1 } }),
    kind: 'nothing',
    reason: 'refused',
    says: /refused it/,
    because: ['client MPCapableSYNTX 0 → 1', 'client ActiveOpens 0 → 1', 'server OutRsts 0 → 1', 'client AttemptFails 0 → 1'],
  },
  {
    name: 'a TCP client that is refused',
    seen: evidence({}, {}, { tcp: { ActiveOpens: 1, AttemptFails: 1 }, serverTcp: { OutRsts: 1 } }),
    kind: 'nothing',
    reason: 'refused',
    says: /refused it/,
    because: ['client ActiveOpens 0 → 1', 'server OutRsts 0 → 1', 'client AttemptFails 0 → 1'],
  },
  {
    name: 'a TCP connection after a refused offer',
    seen: evidence({ MPCapableSYNTX: 1 }, {}, { tcp: { ActiveOpens: 2, AttemptFails: 1 } }),
    kind: 'plain-tcp',
    reason: 'plain-socket',
    says: /its socket was a TCP socket/,
    because: ['client ActiveOpens 0 → 2', 'client MPCapableSYNTX 0 → 1', 'client net.mptcp.enabled = 1'],
  },
  {
    name: 'no answer',
    seen: evidence({ MPCapableSYNTX: 1 }, {}),
    kind: 'nothing',
    reason: 'no-answer',
    says: /got no answer/,
    because: [
      'client MPCapableSYNTX 0 → 1',
      'client ActiveOpens 0 → 1',
      'client MPCapableSYNACKRX still 0',
      'server PassiveOpens still 0',
    ],
  },
  {
    name: 'no attempt',
    seen: evidence({}, {}, { tcp: {} }),
    kind: 'nothing',
    reason: 'none-opened',
    says: /The client opened none/,
    because: ['client ActiveOpens still 0'],
  },
];

for (const { name, seen, kind, reason, says, because } of CASES) {
  test(`${name} is told as such`, () => {
    const verdict = judge(seen, HOME_TOPOLOGY);
    assert.equal(verdict.kind, kind);
    assert.equal('reason' in verdict ? verdict.reason : undefined, reason);
    assert.match(verdict.explanation, says);
    assert.ok(verdict.kind === 'multipath' || verdict.remedy.length > 10);
    assert.deepEqual(verdict.because.map(observed), because);
    for (const line of verdict.because) assert.match(line.says, /^[A-Z].*\.$/);
  });
}

test('Multipath TCP rests on both kernels, on no fallback, and on what became of its subflows', () => {
  const two: Connection = {
    ...oneSubflow,
    subflows: [
      ...oneSubflow.subflows,
      { flow: { ...flow, localAddress: 'fd00:2::2', localPort: 50_000 }, link: 'cellular', role: 'joined', ...asUsual },
    ],
  };
  const { because } = judge(
    evidence(
      { MPCapableSYNTX: 1, MPCapableSYNACKRX: 1, MPJoinSynTx: 1 },
      { MPCapableSYNRX: 1, MPCapableACKRX: 1 },
      {
        connections: [two],
        sockets: [{ flow, token: '5f3a91c2', fallback: false, subflowsTotal: 2 }],
        tcp: { ActiveOpens: 3 },
        countersBefore: { client: { mptcp: { MPCapableSYNTX: 4 }, tcp: { ActiveOpens: 9 } }, server: { mptcp: {}, tcp: {} } },
      },
    ),
    HOME_TOPOLOGY,
  );
  assert.deepEqual(because.map(observed), [
    'client MPCapableSYNTX 4 → 5',
    'client MPCapableSYNACKRX 0 → 1',
    'server MPCapableACKRX 0 → 1',
    'client, server: MPCapableDataFallback, DssFallback, InfiniteMapRx, DSSCorruptionFallback, SimultConnectFallback, MPCapableFallbackSYNACK, MPCapableFallbackACK stood still',
    'client 10.0.1.2:40000 no fallback',
    'client MPJoinSynTx 0 → 1',
    'client SF_ESTABLISHED [fd00:2::2]:50000',
    'client ActiveOpens 9 → 12',
  ]);
  assert.deepEqual(
    because.map((line) => whereToLook(line).command.split(' ').slice(0, 3).join(' ')),
    [
      'nstat -az MPTcpExtMPCapableSYNTX',
      'nstat -az MPTcpExtMPCapableSYNACKRX',
      'nstat -az MPTcpExtMPCapableACKRX',
      'nstat -az MPTcpExtMPCapableDataFallback',
      'ss -Mni',
      'nstat -az MPTcpExtMPJoinSynTx',
      'ip mptcp monitor',
      'nstat -az TcpActiveOpens',
    ],
  );
});

test('of a broken connection the resets are told, and of a thousand sockets only the first ones', () => {
  const reset = { flow, backup: false, state: 'closed', error: 104, resetReason: 6, link: 'wifi', role: 'initial' } as const;
  const sockets = Array.from({ length: 1000 }, () => ({ flow, token: null, fallback: false, subflowsTotal: 1 }));
  const { because } = judge(
    evidence(
      { MPCapableSYNTX: 1, MPCapableSYNACKRX: 1 },
      { MPCapableSYNRX: 1, MPCapableACKRX: 1 },
      { connections: [{ ...oneSubflow, subflows: [reset] }], sockets },
    ),
    HOME_TOPOLOGY,
  );
  const lines = because.map(observed);
  assert.equal(lines.filter((line) => line === 'client 10.0.1.2:40000 no fallback').length, 3);
  assert.equal(lines.at(-1), 'client SF_CLOSED 10.0.1.2:40000 error=104 reset_reason=6');
});

test('a counter that moved tells of a packet, one that stood still of none', () => {
  const counter = { kind: 'counter', host: 'client', group: 'MPTcpExt', name: 'MPCapableFallbackSYNACK', before: 0 } as const;
  assert.deepEqual(packetOf({ ...counter, after: 1 }), { packet: 'SYN+ACK', option: 'MP_CAPABLE', isThere: false });
  assert.equal(packetOf({ ...counter, after: 0 }), null);
});
