import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Condition } from './condition.ts';
import { commandsBetween, conditionCommands } from './condition-commands.ts';
import { type Conditions, conditionsOf } from './conditions.ts';
import { HOME_TOPOLOGY } from './topology.ts';
import { wantedConditions } from './wanted-conditions.ts';

const fresh = conditionsOf(HOME_TOPOLOGY, {});
const withoutNetem = conditionsOf(HOME_TOPOLOGY, { 'link-delay': 'No netem.' });

/** The state after some conditions, as a kernel would tell it, with numbers for new endpoints. */
function after(conditions: Condition[], from = fresh): Conditions {
  return conditions.reduce((present, condition) => {
    const result = wantedConditions(present, condition, HOME_TOPOLOGY);
    if ('fault' in result) assert.fail(result.fault.message);
    const endpoints = result.wanted.endpoints.map((endpoint, index) => ({ ...endpoint, id: endpoint.id ?? 10 + index }));
    return { ...result.wanted, endpoints };
  }, from);
}

function commands(condition: Condition, present = fresh): string[] {
  return conditionCommands(condition, present, HOME_TOPOLOGY).map(({ host, line }) => `${host}: ${line}`);
}

const table = (name: string, rules: string) =>
  `table inet ${name} { chain forward { type filter hook forward priority mangle; ${rules}; }; }`;

const CASES: { condition: Condition; before?: Condition[]; gives: string[] }[] = [
  { condition: { kind: 'link-up', link: 'wifi', up: false }, gives: ['client: ip link set wifi down'] },
  {
    condition: { kind: 'link-up', link: 'cellular', up: true },
    before: [{ kind: 'link-up', link: 'cellular', up: false }],
    gives: [
      'client: ip link set cellular up',
      'client: ip route add default via 10.0.2.1 dev cellular metric 101',
      'client: ip route add default via 10.0.2.1 dev cellular table 101',
      'client: ip address add fd00:2::2/64 dev cellular nodad',
      'client: ip -6 route add default via fd00:2::1 dev cellular metric 101',
      'client: ip -6 route add default via fd00:2::1 dev cellular table 101',
    ],
  },
  {
    condition: { kind: 'link-rate', link: 'wifi', rateKbit: 2500 },
    gives: [
      'client: tc qdisc change dev wifi root handle 1: tbf rate 2500kbit burst 32kb latency 50ms',
      'router: tc qdisc change dev wifi root handle 1: tbf rate 2500kbit burst 32kb latency 50ms',
    ],
  },
  {
    condition: { kind: 'link-rate', link: 'lan', rateKbit: 5000 },
    gives: [
      'router: tc qdisc add dev lan root handle 1: tbf rate 5mbit burst 32kb latency 50ms',
      'server: tc qdisc add dev lan root handle 1: tbf rate 5mbit burst 32kb latency 50ms',
    ],
  },
  {
    condition: { kind: 'link-delay', link: 'wifi', delayMs: 200 },
    gives: [
      'client: tc qdisc change dev wifi parent 1:1 handle 10: netem delay 200ms limit 1000',
      'router: tc qdisc change dev wifi parent 1:1 handle 10: netem delay 200ms limit 1000',
    ],
  },
  {
    condition: { kind: 'link-delay', link: 'wifi', delayMs: null },
    gives: ['client', 'router'].flatMap((host) => [
      `${host}: tc qdisc del dev wifi root`,
      `${host}: tc qdisc add dev wifi root handle 1: tbf rate 20mbit burst 32kb latency 50ms`,
    ]),
  },
  {
    condition: { kind: 'link-loss', link: 'wifi', lossPercent: 0.7 },
    gives: [
      `router: nft '${table('loss-wifi', 'iifname wifi numgen random mod 1000 < 7 drop; oifname wifi numgen random mod 1000 < 7 drop')}'`,
    ],
  },
  {
    condition: { kind: 'link-loss', link: 'wifi', lossPercent: 100 },
    before: [{ kind: 'link-loss', link: 'wifi', lossPercent: 5 }],
    gives: [`router: nft 'delete table inet loss-wifi; ${table('loss-wifi', 'iifname wifi drop; oifname wifi drop')}'`],
  },
  { condition: { kind: 'mptcp-enabled', enabled: false }, gives: ['client: sysctl -w net.mptcp.enabled=0'] },
  {
    condition: { kind: 'options-stripped', from: 'syn' },
    gives: [`router: nft '${table('strip-syn', 'tcp flags & (syn|ack) == syn reset tcp option mptcp')}'`],
  },
  {
    condition: { kind: 'options-stripped', from: 'data' },
    before: [{ kind: 'options-stripped', from: 'syn' }],
    gives: [
      `router: nft 'delete table inet strip-syn; ${table('strip-data', 'tcp flags & syn == 0 tcp option mptcp subtype 2 reset tcp option mptcp')}'`,
    ],
  },
  {
    condition: { kind: 'options-stripped', from: null },
    before: [{ kind: 'options-stripped', from: 'all' }],
    gives: ["router: nft 'delete table inet strip-all'"],
  },
  {
    condition: { kind: 'syn-dropped', dropped: true },
    gives: [`router: nft '${table('drop-mp-capable', 'tcp flags & (syn|ack) == syn tcp option mptcp subtype 0 drop')}'`],
  },
  {
    condition: { kind: 'endpoint-add', host: 'server', address: '10.0.9.2', port: 5005, flags: ['signal'] },
    gives: ['server: ip mptcp endpoint add 10.0.9.2 dev lan signal port 5005'],
  },
  {
    condition: { kind: 'endpoint-change', host: 'client', id: 1, backup: true },
    gives: ['client: ip mptcp endpoint change id 1 backup'],
  },
  {
    condition: { kind: 'endpoint-change', host: 'client', id: 1, backup: false, fullmesh: true },
    before: [{ kind: 'endpoint-change', host: 'client', id: 1, backup: true }],
    gives: ['client: ip mptcp endpoint change id 1 nobackup fullmesh'],
  },
  { condition: { kind: 'endpoint-remove', host: 'client', id: 2 }, gives: ['client: ip mptcp endpoint delete id 2'] },
  {
    condition: { kind: 'limits', host: 'server', subflows: 8, addAddrAccepted: 0 },
    gives: ['server: ip mptcp limits set subflows 8 add_addr_accepted 0'],
  },
];

for (const { condition, before = [], gives } of CASES) {
  test(`${JSON.stringify(condition)} is brought about by commands to copy`, () => {
    assert.deepEqual(commands(condition, after(before)), gives);
  });
}

test('what holds already needs no command', () => {
  for (const { condition, before = [] } of CASES) {
    if (condition.kind === 'endpoint-add' || condition.kind === 'endpoint-remove') continue;
    assert.deepEqual(commands(condition, after([...before, condition])), [], JSON.stringify(condition));
  }
});

test('a link without a rate gets its delay without one', () => {
  assert.deepEqual(commands({ kind: 'link-delay', link: 'lan', delayMs: 5 }), [
    'router: tc qdisc add dev lan root netem delay 5ms limit 1000',
    'server: tc qdisc add dev lan root netem delay 5ms limit 1000',
  ]);
});

test('a reset undoes what differs, keeps what does not, and forgets a blackhole', () => {
  const forget = 'client: sysctl --ignore -w net.mptcp.blackhole_timeout=3600';
  assert.deepEqual(commands({ kind: 'reset' }), [forget]);
  const changed = after(
    [
      { kind: 'mptcp-enabled', enabled: false },
      { kind: 'options-stripped', from: 'all' },
      { kind: 'link-loss', link: 'cellular', lossPercent: 3 },
      { kind: 'endpoint-remove', host: 'client', id: 1 },
      { kind: 'endpoint-add', host: 'client', address: '10.0.2.2', port: null, flags: ['subflow', 'backup'] },
    ],
    withoutNetem,
  );
  assert.deepEqual(commands({ kind: 'reset' }, changed), [
    "router: nft 'delete table inet loss-cellular; delete table inet strip-all'",
    'client: sysctl -w net.mptcp.enabled=1',
    'client: ip mptcp endpoint delete id 11',
    'client: ip mptcp endpoint add 10.0.2.2 dev cellular id 1 subflow',
    forget,
  ]);
});

test('there is a way back from every condition', () => {
  for (const { condition, before = [] } of CASES) {
    const [from, to] = [after(before), after([...before, condition])];
    assert.notDeepEqual(commandsBetween(to, from, HOME_TOPOLOGY), [], JSON.stringify(condition));
  }
});
