import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Connection, Evidence } from './evidence.ts';
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

const CASES: { name: string; seen: Evidence; kind: string; reason?: string; says: RegExp }[] = [
  {
    name: 'a plain TCP server',
    seen: evidence({ MPCapableSYNTX: 1, MPCapableFallbackSYNACK: 1 }, {}),
    kind: 'fallback',
    reason: 'server-is-plain-tcp',
    says: /server answered as a plain TCP socket does/,
  },
  {
    name: 'options stripped from the SYN',
    seen: evidence({ MPCapableSYNTX: 1, MPCapableFallbackSYNACK: 1 }, {}, { mptcpListenPorts: [8262] }),
    kind: 'fallback',
    reason: 'stripped-from-syn',
    says: /never reached the server/,
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
  },
  {
    name: 'a blackhole',
    seen: evidence({ MPCapableSYNTX: 1, MPCapableSYNTXDrop: 1, Blackhole: 1 }, {}, { mptcpListenPorts: [8262] }),
    kind: 'fallback',
    reason: 'blackhole',
    says: /lost again and again/,
  },
  {
    name: 'a blackhole of an earlier connection',
    seen: evidence({ MPCapableSYNTXDisabled: 1 }, {}, { mptcpListenPorts: [8262] }),
    kind: 'fallback',
    reason: 'blackhole-remembered',
    says: /did not ask for Multipath TCP/,
  },
  {
    name: 'a link that loses everything, where the kernel tried without too',
    seen: evidence({ MPCapableSYNTX: 1, MPCapableSYNTXDrop: 1 }, {}, { mptcpListenPorts: [8262] }),
    kind: 'nothing',
    says: /got no answer/,
  },
  {
    name: 'a way that ends before the server',
    seen: evidence({ MPCapableSYNTX: 1 }, {}, { tcp: { ActiveOpens: 1, AttemptFails: 1 } }),
    kind: 'nothing',
    says: /got no answer/,
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
  },
  {
    name: 'a TCP client',
    seen: evidence({}, {}),
    kind: 'plain-tcp',
    reason: 'plain-socket',
    says: /its socket was a TCP socket/,
  },
  {
    name: 'a client on which Multipath TCP is switched off',
    seen: evidence({}, {}, { mptcpEnabled: { client: false, server: true } }),
    kind: 'plain-tcp',
    reason: 'switched-off',
    says: /switched off on the client/,
  },
  {
    name: 'a refusal',
    seen: evidence({ MPCapableSYNTX: 1 }, {}, { tcp: { ActiveOpens: 1, AttemptFails: 1 }, serverTcp: { OutRsts: 1 } }),
    kind: 'nothing',
    says: /refused it/,
  },
  {
    name: 'a TCP client that is refused',
    seen: evidence({}, {}, { tcp: { ActiveOpens: 1, AttemptFails: 1 }, serverTcp: { OutRsts: 1 } }),
    kind: 'nothing',
    says: /refused it/,
  },
  {
    name: 'a TCP connection after a refused offer',
    seen: evidence({ MPCapableSYNTX: 1 }, {}, { tcp: { ActiveOpens: 2, AttemptFails: 1 } }),
    kind: 'plain-tcp',
    reason: 'plain-socket',
    says: /its socket was a TCP socket/,
  },
  { name: 'no answer', seen: evidence({ MPCapableSYNTX: 1 }, {}), kind: 'nothing', says: /got no answer/ },
  { name: 'no attempt', seen: evidence({}, {}, { tcp: {} }), kind: 'nothing', says: /The client opened none/ },
];

for (const { name, seen, kind, reason, says } of CASES) {
  test(`${name} is told as such`, () => {
    const verdict = judge(seen, HOME_TOPOLOGY);
    assert.equal(verdict.kind, kind);
    assert.equal('reason' in verdict ? verdict.reason : undefined, reason);
    assert.match(verdict.explanation, says);
    assert.ok(verdict.kind === 'multipath' || verdict.remedy.length > 10);
  });
}
