import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Evidence, FlowNow } from '../../protocol/evidence.ts';
import { HOME_TOPOLOGY } from '../../protocol/topology.ts';
import { watchFlows } from './watch-flows.ts';

const flow = (localPort: number, more: Partial<FlowNow> = {}): FlowNow => ({
  flow: { localAddress: '10.0.1.2', localPort, remoteAddress: '10.0.9.1', remotePort: 8262 },
  token: '5f3a91c2',
  joining: false,
  backup: false,
  stale: false,
  sentBytes: 0,
  receivedBytes: 0,
  ...more,
});

const evidence = (activeOpens: number, sentBytes: number): Evidence => ({
  kernel: '6.18.44',
  counters: { client: { mptcp: {}, tcp: { ActiveOpens: activeOpens } }, server: { mptcp: {}, tcp: {} } },
  countersBefore: { client: { mptcp: {}, tcp: {} }, server: { mptcp: {}, tcp: {} } },
  links: { wifi: { sentBytes, receivedBytes: 0 } },
  connections: [],
  sockets: [],
  mptcpListenPorts: [],
  mptcpEnabled: { client: true, server: true },
});

/** A client that is looked at ten times a second, for so many seconds; what it opens and sends by then is given. */
async function listsIn(
  seconds: number,
  flows: FlowNow[] | (() => FlowNow[]),
  now: (look: number) => Evidence,
  t: { mock: typeof test.mock },
): Promise<number> {
  let atMs = 10_000;
  t.mock.method(performance, 'now', () => atMs);
  let lists = 0;
  const watch = watchFlows(
    async () => {
      lists++;
      return typeof flows === 'function' ? flows() : flows;
    },
    HOME_TOPOLOGY,
    () => {},
  );
  for (let look = 0; look < seconds * 10; look++) {
    watch.note(now(look));
    watch.listIfDue();
    await new Promise(setImmediate);
    atMs += 100;
  }
  return lists;
}

test('flows are listed once where each is alone on its link, however many bytes move', async (t) => {
  assert.equal(await listsIn(20, [flow(1)], (look) => evidence(1, look * 1_000), t), 1);
});

test('flows that share a link are listed each second while bytes move, and no more when none do', async (t) => {
  assert.equal(await listsIn(10, [flow(1), flow(2)], (look) => evidence(1, Math.min(look, 50) * 1_000), t), 6);
});

test('a flow that joins or is stale is looked after each second', async (t) => {
  assert.equal(await listsIn(10, [flow(1, { stale: true })], () => evidence(1, 0), t), 10);
  assert.equal(await listsIn(10, [flow(1, { joining: true })], () => evidence(1, 0), t), 10);
});

test('a flow that the kernel counts as stale is looked for again until it is found, and not for ever', async (t) => {
  const counted = evidence(1, 0);
  counted.counters.client.mptcp['SubflowStale'] = 1;
  let lists = 0;
  const foundLate = () => [flow(1, { stale: ++lists >= 3 })];
  await listsIn(4, foundLate, () => counted, t);
  assert.ok(lists >= 3, `${lists} lists`);
  assert.equal(
    await listsIn(
      20,
      () => [flow(1)],
      () => counted,
      t,
    ),
    5,
  );
});

test('a program that opens flows without end is listed a few times at once, then each second', async (t) => {
  const lists = await listsIn(60, [flow(1)], (look) => evidence(look, 0), t);
  assert.ok(lists >= 60 && lists <= 66, `${lists} lists in 60 s`);
});
