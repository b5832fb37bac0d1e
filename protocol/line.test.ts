import assert from 'node:assert/strict';
import { test } from 'node:test';
import * as fc from 'fast-check';
import { encodeReceived } from './frame.ts';
import { type LineFrame, openLine } from './line.ts';

const BOUND = 1_000_000;

/** A line, what has arrived at it, and what is on the way to it. */
function side() {
  return { line: openLine(BOUND), arrived: [] as LineFrame[], way: [] as LineFrame[] };
}
type Side = ReturnType<typeof side>;

const deliver = (to: Side, frames: number) => {
  for (const frame of to.way.splice(0, frames)) {
    const taken = to.line.take(frame);
    assert.notEqual(taken, 'fault');
    if (taken === 'message') to.arrived.push(frame);
  }
};
const cut = (...sides: Side[]) => {
  for (const { line, way } of sides) {
    line.leave();
    way.length = 0;
  }
};
const connect = (one: Side, other: Side) => {
  cut(one, other);
  assert.ok(one.line.join((frame) => other.way.push(frame), other.line.received()));
  assert.ok(other.line.join((frame) => one.way.push(frame), one.line.received()));
};

const STEP = fc.oneof(
  { weight: 6, arbitrary: fc.record({ do: fc.constant('send' as const), side: fc.nat(1), text: fc.boolean() }) },
  { weight: 6, arbitrary: fc.record({ do: fc.constant('deliver' as const), side: fc.nat(1), frames: fc.nat(200) }) },
  { weight: 2, arbitrary: fc.record({ do: fc.constant('flood' as const), side: fc.nat(1), frames: fc.nat(300) }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('beat' as const), side: fc.nat(1) }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('cut' as const) }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('connect' as const) }) },
);

test('whatever is cut and when, each message arrives once and in order', () => {
  void fc.assert(
    fc.property(fc.array(STEP, { maxLength: 120 }), (steps) => {
      const sides = [side(), side()] as const;
      const sent: [LineFrame[], LineFrame[]] = [[], []];
      let number = 0;
      const send = (from: 0 | 1, text: boolean) => {
        const message = text ? `message ${number++}` : Uint8Array.from(Buffer.from(`bytes ${number++}`));
        assert.ok(sides[from].line.send(message));
        sent[from].push(message);
      };
      connect(...sides);
      for (const step of steps) {
        const from = 'side' in step && step.side === 1 ? 1 : 0;
        if (step.do === 'send') send(from, step.text);
        if (step.do === 'flood') for (let i = 0; i < step.frames; i++) send(from, true);
        if (step.do === 'deliver') deliver(sides[from], step.frames);
        if (step.do === 'beat') sides[from].line.beat();
        if (step.do === 'cut') cut(...sides);
        if (step.do === 'connect') connect(...sides);
      }
      connect(...sides);
      while (sides[0].way.length + sides[1].way.length > 0) {
        deliver(sides[0], Number.POSITIVE_INFINITY);
        deliver(sides[1], Number.POSITIVE_INFINITY);
      }
      assert.deepEqual(sides[1].arrived, sent[0]);
      assert.deepEqual(sides[0].arrived, sent[1]);
      // And nothing is kept once the other side has told.
      for (const { line } of sides) line.beat();
      for (const each of sides) deliver(each, Number.POSITIVE_INFINITY);
      for (const { line } of sides) assert.equal(line.roomBytes(), BOUND);
    }),
  );
});

test('what comes is told after some messages, and after some bytes, without being asked', () => {
  for (const [messages, bytes] of [
    [64, 1],
    [4, 65_536],
  ] as const) {
    const [one, other] = [side(), side()];
    connect(one, other);
    for (let i = 0; i < messages; i++) one.line.send(new Uint8Array(bytes));
    deliver(other, messages - 1);
    assert.equal(one.way.length, 0);
    deliver(other, 1);
    deliver(one, 1);
    assert.equal(one.line.roomBytes(), BOUND);
  }
});

test('no more is kept than the bound, with and without a wire', () => {
  const { line } = side();
  assert.ok(line.send(new Uint8Array(BOUND - 1)));
  assert.equal(line.send('xx'), false);
  assert.ok(line.send('x'));
  assert.equal(line.roomBytes(), 0);
  const sent: LineFrame[] = [];
  assert.ok(line.join((frame) => sent.push(frame), 0));
  assert.equal(line.send('x'), false);
  assert.equal(sent.length, 2);
  assert.equal(line.take(encodeReceived(1)), 'note');
  assert.ok(line.send('xx'));
});

test('a count that cannot be is a fault, and changes nothing', () => {
  for (const count of [-1, 1, 4, 2.5, Number.NaN, Number.POSITIVE_INFINITY]) {
    const { line } = side();
    for (const text of ['a', 'b', 'c']) line.send(text);
    assert.ok(line.join(() => {}, 0));
    assert.equal(line.take(encodeReceived(2)), 'note');
    assert.equal(line.take(encodeReceived(count)), 'fault', String(count));
    line.leave();
    assert.equal(
      line.join(() => {}, count),
      false,
    );
    const again: LineFrame[] = [];
    assert.ok(line.join((frame) => again.push(frame), 2));
    assert.deepEqual(again, ['c']);
  }
});
