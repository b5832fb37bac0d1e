import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { openLine } from './line.ts';

const ALL = () => true;

test('sources take turns, and within a source first come is first served', () => {
  const line = openLine<string>();
  for (const item of ['class 1', 'class 2', 'class 3']) line.join('192.0.2.1', item);
  line.join('192.0.2.2', 'guest');
  line.join(null, 'operator');
  assert.deepEqual(
    [...line.inOrder()].map(({ item }) => item),
    ['class 1', 'guest', 'operator', 'class 2', 'class 3'],
  );
});

test('a stream of newcomers, each from an address of its own, holds nobody up for ever', () => {
  const line = openLine<string>();
  for (let count = 1; count <= 3; count++) line.join('192.0.2.1', `class ${count}`);
  const served: string[] = [];
  for (let newcomer = 0; newcomer < 100; newcomer++) {
    line.join(`198.51.100.${newcomer}`, `newcomer ${newcomer}`);
    line.join(`203.0.113.${newcomer}`, `newcomer ${newcomer}`);
    const next = line.next(ALL);
    if (next !== null) served.push(next.item);
  }
  // Two come for each that is served, so each round is longer than the last: of 3, of 7 and so on.
  assert.deepEqual(
    served.flatMap((item, turn) => (item.startsWith('class') ? [turn] : [])),
    [0, 3, 10],
  );
});

type Step = { kind: 'join'; source: number } | { kind: 'next'; barred: number } | { kind: 'leave'; index: number };
const step: fc.Arbitrary<Step> = fc.oneof(
  { weight: 5, arbitrary: fc.record({ kind: fc.constant('join' as const), source: fc.integer({ min: 0, max: 4 }) }) },
  { weight: 4, arbitrary: fc.record({ kind: fc.constant('next' as const), barred: fc.integer({ min: 0, max: 8 }) }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('leave' as const), index: fc.nat({ max: 30 }) }) },
);

test('whatever comes, leaves and is held back: each source is served in order, and nobody is overtaken more than fairly', () => {
  fc.assert(
    fc.property(fc.array(step, { maxLength: 200 }), (steps) => {
      const line = openLine<number>();
      type Waiting = { item: number; source: string; ahead: number; overtakenBy: Map<string, number>; wasBarred: boolean };
      let waiting: Waiting[] = [];
      let arrivals = 0;
      for (const taken of steps) {
        if (taken.kind === 'join') {
          const source = String(taken.source);
          const ahead = waiting.filter((other) => other.source === source).length;
          const wasBarred = waiting.some((other) => other.source === source && other.wasBarred);
          waiting.push({ item: ++arrivals, source, ahead, overtakenBy: new Map(), wasBarred });
          line.join(source, arrivals);
        } else if (taken.kind === 'leave') {
          const leaving = waiting[taken.index];
          if (leaving === undefined) continue;
          assert.equal(line.leave(leaving.item), true);
          assert.equal(line.leave(leaving.item), false);
          waiting = waiting.filter((other) => other !== leaving);
        } else {
          const barred = String(taken.barred);
          const next = line.next((source) => source !== barred);
          const servable = waiting.filter(({ source }) => source !== barred);
          // Somebody is served whenever somebody may be.
          assert.equal(next === null, servable.length === 0);
          if (next === null) continue;
          const served = servable.find(({ source }) => source === next.source);
          // The first of its source.
          assert.equal(served?.item, next.item);
          waiting = waiting.filter((other) => other !== served);
          for (const other of waiting) {
            if (other.source === barred) other.wasBarred = true;
            else other.overtakenBy.set(String(next.source), (other.overtakenBy.get(String(next.source)) ?? 0) + 1);
          }
        }
        for (const { source, ahead, overtakenBy, wasBarred } of waiting) {
          if (wasBarred) continue;
          // One turn of the present round, then one for each turn that its own source has up to its own.
          for (const [other, turns] of overtakenBy) assert.ok(other === source ? turns <= ahead : turns <= ahead + 2);
        }
        assert.equal(line.length(), waiting.length);
        for (const source of ['0', '1', '2', '3', '4']) {
          assert.equal(line.lengthOf(source), waiting.filter((other) => other.source === source).length);
        }
      }
    }),
    { numRuns: 500 },
  );
});
