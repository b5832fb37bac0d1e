import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type Conditions, conditionsOf } from '../../../protocol/conditions.ts';
import type { Evidence, Flow } from '../../../protocol/evidence.ts';
import type { FromRunner } from '../../../protocol/message.ts';
import { HOME_TOPOLOGY } from '../../../protocol/topology.ts';
import { describeNetwork } from './describe-network.ts';
import { goOn, newStory, type Story } from './story.ts';

const WIFI: Flow = { localAddress: '10.0.1.2', localPort: 40001, remoteAddress: '10.0.9.1', remotePort: 8262 };
const CELLULAR: Flow = { ...WIFI, localAddress: '10.0.2.2', localPort: 40002 };
const TOKEN = '5f3a91c2';

const event = (at: number, kernel: Extract<FromRunner, { type: 'mptcp-event' }>['event']): FromRunner => ({
  at,
  type: 'mptcp-event',
  host: 'client',
  event: kernel,
});
const begin: FromRunner = { at: 10, type: 'run-phase', run: 2, host: 'client', phase: 'running', command: './client' };
const tell = (events: FromRunner[], from: Story = newStory()) => events.reduce(goOn, from);

const evidence = (at: number, wifi: number, cellular: number, activeOpens = 1): FromRunner => {
  const links = { wifi: { sentBytes: wifi, receivedBytes: 0 }, cellular: { sentBytes: cellular, receivedBytes: 0 } };
  const counters = { client: { mptcp: {}, tcp: { ActiveOpens: activeOpens } }, server: { mptcp: {}, tcp: {} } };
  const empty: Evidence = {
    kernel: '6.18.44',
    counters,
    links,
    connections: [],
    sockets: [],
    mptcpListenPorts: [],
    mptcpEnabled: { client: true, server: true },
  };
  return { at, type: 'evidence', run: 2, evidence: empty };
};

test('a connection is a line per subflow, each on the link of its address', () => {
  const story = tell([
    begin,
    event(20, { kind: 'created', token: TOKEN, flow: WIFI }),
    event(21, { kind: 'established', token: TOKEN, flow: WIFI }),
    event(30, { kind: 'subflow-established', token: TOKEN, flow: CELLULAR, backup: true }),
  ]);
  assert.deepEqual(
    story.flows.map(({ link, state, backup }) => [link, state, backup]),
    [
      ['wifi', 'established', false],
      ['cellular', 'established', true],
    ],
  );
  const closed = tell([event(40, { kind: 'closed', token: TOKEN })], story);
  assert.deepEqual(
    closed.flows.map(({ state }) => state),
    ['closed', 'closed'],
  );
});

test('rates are the bytes between two looks, in bits per second', () => {
  const story = tell([begin, evidence(100, 0, 0), evidence(200, 250_000, 125_000)]);
  assert.deepEqual(story.rates, { wifi: 20_000_000, cellular: 10_000_000 });
  assert.deepEqual(
    tell(
      [{ at: 300, type: 'run-ended', run: 2, host: 'client', end: { kind: 'exit', code: 0 }, durationMs: 1, outputBytes: 0 }],
      story,
    ).rates,
    {},
  );
});

test('a connection that no event of Multipath TCP tells of is a plain line where its bytes are', () => {
  const { flows } = tell([begin, evidence(100, 400, 0)]);
  assert.deepEqual(
    flows.map(({ link, state, token }) => [link, state, token]),
    [['wifi', 'plain', null]],
  );
  assert.deepEqual(tell([begin, evidence(100, 400, 0, 0)]).flows, []);
});

test('the next client begins anew on the network as it is', () => {
  const cut: Conditions = conditionsOf(HOME_TOPOLOGY, {});
  const conditions: FromRunner = {
    at: 5,
    type: 'conditions',
    request: 1,
    conditions: cut,
    commands: [{ host: 'client', line: 'ip link set wifi down' }],
  };
  const story = tell([conditions, begin, event(20, { kind: 'created', token: TOKEN, flow: WIFI }), begin]);
  assert.deepEqual(story.flows, []);
  assert.equal(story.conditions, cut);
  assert.equal(story.happenings[0]?.text, 'On the client: ip link set wifi down');
  assert.equal(story.happenings[0]?.link, 'wifi');
});

test('the story stays bounded however long a run is', () => {
  let story = newStory();
  for (let at = 0; at < 20_000; at++) story = goOn(story, at % 2 === 0 ? evidence(at, at, at) : begin);
  assert.ok(story.samples.length <= 6_000 && story.happenings.length <= 500);
});

test('of many connections the open and the latest ones stay', () => {
  const flow = (localPort: number): Flow => ({ ...WIFI, localPort });
  const token = (port: number) => port.toString(16).padStart(8, '0');
  let story = tell([begin, event(1, { kind: 'created', token: TOKEN, flow: CELLULAR })]);
  for (let port = 1; port <= 1_000; port++) {
    story = tell(
      [
        event(port, { kind: 'created', token: token(port), flow: flow(port) }),
        event(port, { kind: 'closed', token: token(port) }),
      ],
      story,
    );
  }
  assert.equal(story.flows.length, 12);
  assert.deepEqual([story.flows[0]?.link, story.flows.at(-1)?.token], ['cellular', token(1_000)]);
});

test('the map is told in words', () => {
  const [wifi, ...others] = conditionsOf(HOME_TOPOLOGY, {}).links;
  assert.ok(wifi !== undefined);
  const links = [{ ...wifi, near: { ...wifi.near, adminUp: false } }, ...others];
  const story = tell([
    { at: 1, type: 'conditions', request: 1, conditions: { ...conditionsOf(HOME_TOPOLOGY, {}), links }, commands: [] },
    event(20, { kind: 'created', token: TOKEN, flow: WIFI }),
    event(30, { kind: 'subflow-established', token: TOKEN, flow: CELLULAR, backup: false }),
    event(40, { kind: 'subflow-closed', token: TOKEN, flow: WIFI, backup: false, error: 110, resetReason: null }),
  ]);
  assert.equal(describeNetwork(story), `Wi-Fi is cut. cellular is up, 10 Mbit/s. Connection 0x${TOKEN} goes over cellular.`);
});
