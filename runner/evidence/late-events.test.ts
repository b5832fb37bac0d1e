import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { MptcpEvent } from '../../protocol/evidence.ts';
import { HOME_TOPOLOGY } from '../../protocol/topology.ts';
import { lateEvents } from './late-events.ts';

const created = (token: string): MptcpEvent => {
  const flow = { localAddress: '10.0.1.2', localPort: 40_000, remoteAddress: '10.0.9.1', remotePort: 8262 };
  return { kind: 'created', token, flow };
};
const closed = (token: string): MptcpEvent => ({ kind: 'closed', token });

test('connections that were counted are told of later, and none that came after them', () => {
  const late = lateEvents([created('a')], 1, HOME_TOPOLOGY);
  assert.equal(late.areAllMade(), false);
  assert.equal(late.take(created('b')), true);
  assert.equal(late.areAllMade(), true);
  assert.equal(late.isComplete(), false);
  const taken = [closed('a'), created('c'), closed('c'), closed('b'), created('d')].map(late.take);
  assert.deepEqual(taken, [true, false, false, true, false]);
  assert.equal(late.isComplete(), true);
  assert.deepEqual(
    late.connections().map(({ token, closed }) => [token, closed]),
    [
      ['a', true],
      ['b', true],
    ],
  );
});

test('nothing is late where all was told', () => {
  const late = lateEvents([created('a'), closed('a')], 0, HOME_TOPOLOGY);
  assert.equal(late.isComplete(), true);
  assert.equal(late.take(created('b')), false);
  // More may be told of than was counted, as when a line was read first.
  assert.equal(lateEvents([], -1, HOME_TOPOLOGY).take(created('b')), false);
});
