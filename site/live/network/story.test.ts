import assert from 'node:assert/strict';
import { test } from 'node:test';
import { conditionsOf } from '../../../protocol/conditions.ts';
import type { Flow } from '../../../protocol/evidence.ts';
import { HOME_TOPOLOGY } from '../../../protocol/topology.ts';
import { lookOf } from './flow-line.ts';
import { goOn, newStory } from './story.ts';
import { begin, CELLULAR, conditions, evidence, kernelEvent, TOKEN, tell, WIFI } from './test-events.ts';

test('a connection is a line per subflow, each on the link of its address', () => {
  const story = tell([
    begin,
    kernelEvent(20, { kind: 'created', token: TOKEN, flow: WIFI }),
    kernelEvent(21, { kind: 'established', token: TOKEN, flow: WIFI }),
    kernelEvent(30, { kind: 'subflow-established', token: TOKEN, flow: CELLULAR, backup: true }),
  ]);
  assert.deepEqual(
    story.flows.map((line) => [line.link, lookOf(line)]),
    [
      ['wifi', 'established'],
      ['cellular', 'backup'],
    ],
  );
  const closed = tell([kernelEvent(40, { kind: 'closed', token: TOKEN })], story);
  assert.deepEqual(
    closed.flows.map(({ state }) => state),
    ['closed', 'closed'],
  );
});

test('rates are the bytes between two looks, in bits per second', () => {
  const story = tell([begin, evidence(100, 0, 0), evidence(200, 250_000, 125_000)]);
  assert.deepEqual(story.rates, {
    wifi: { bits: 20_000_000, toward: 'server' },
    cellular: { bits: 10_000_000, toward: 'server' },
  });
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
  assert.deepEqual(tell([begin, evidence(100, 400, 0, { tcp: {} })]).flows, []);
});

test('the next client begins anew on the network as it is', () => {
  const now = conditionsOf(HOME_TOPOLOGY, {});
  const cut = conditions(5, now, [{ host: 'client', line: 'ip link set wifi down' }]);
  const story = tell([cut, begin, kernelEvent(20, { kind: 'created', token: TOKEN, flow: WIFI }), begin]);
  assert.deepEqual(story.flows, []);
  assert.equal(story.conditions, now);
  assert.equal(story.happenings[0]?.text, 'On the client: ip link set wifi down');
  assert.equal(story.happenings[0]?.link, 'wifi');
});

test('a condition stands in the timeline where the kernel carried it out, not where the page heard of it', () => {
  const cut = conditions(500, conditionsOf(HOME_TOPOLOGY, {}), [{ host: 'client', line: 'ip link set wifi down' }], 200);
  const begun = kernelEvent(400, { kind: 'created', token: TOKEN, flow: WIFI });
  const { happenings } = tell([begin, begun, cut]);
  assert.deepEqual(
    happenings.slice(-2).map(({ atMs, kind }) => [atMs, kind]),
    [
      [300, 'condition'],
      [400, 'flow'],
    ],
  );
});

test('the story stays bounded however long a run is', () => {
  let story = newStory();
  for (let at = 0; at < 20_000; at++) story = goOn(story, at % 2 === 0 ? evidence(at, at, at) : begin);
  assert.ok(story.samples.length <= 6_000 && story.happenings.length <= 500);
});

test('of many connections the open and the latest ones stay', () => {
  const flow = (localPort: number): Flow => ({ ...WIFI, localPort });
  const token = (port: number) => port.toString(16).padStart(8, '0');
  let story = tell([begin, kernelEvent(1, { kind: 'created', token: TOKEN, flow: CELLULAR })]);
  for (let port = 1; port <= 1_000; port++) {
    story = tell(
      [
        kernelEvent(port, { kind: 'created', token: token(port), flow: flow(port) }),
        kernelEvent(port, { kind: 'closed', token: token(port) }),
      ],
      story,
    );
  }
  assert.equal(story.flows.length, 12);
  assert.deepEqual([story.flows[0]?.link, story.flows.at(-1)?.token], ['cellular', token(1_000)]);
});
