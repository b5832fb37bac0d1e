import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { GUESSES, guessLimit } from './guess-limit.ts';

const { ofSource, ofAll, sources } = GUESSES;

test('a source may err so often at once, and then waits; another one does not', () => {
  let now = 0;
  const limit = guessLimit(() => now);
  for (let guess = 0; guess < ofSource.burst; guess++) {
    assert.equal(limit.waitSeconds('192.0.2.1'), 0);
    limit.wrong('192.0.2.1');
  }
  const seconds = limit.waitSeconds('192.0.2.1');
  assert.equal(seconds, 60 / ofSource.perMinute);
  assert.equal(limit.waitSeconds('192.0.2.2'), 0);
  now += seconds * 1_000 - 1;
  assert.equal(limit.waitSeconds('192.0.2.1'), 1);
  now += 1;
  assert.equal(limit.waitSeconds('192.0.2.1'), 0);
});

test('no mixture of sources and times gets more wrong guesses taken than the limits say', () => {
  const step = fc.record({ source: fc.integer({ min: 0, max: 40 }), afterMs: fc.integer({ min: 0, max: 20_000 }) });
  fc.assert(
    fc.property(fc.array(step, { maxLength: 600 }), (steps) => {
      let now = 0;
      const limit = guessLimit(() => now);
      const taken = new Map<number, number>();
      for (const { source, afterMs } of steps) {
        now += afterMs;
        if (limit.waitSeconds(String(source)) > 0) continue;
        limit.wrong(String(source));
        taken.set(source, (taken.get(source) ?? 0) + 1);
      }
      const minutes = now / 60_000;
      for (const count of taken.values()) assert.ok(count <= ofSource.burst + ofSource.perMinute * minutes);
      assert.ok([...taken.values()].reduce((sum, count) => sum + count, 0) <= ofAll.burst + ofAll.perMinute * minutes);
    }),
  );
});

test('100,000 sources take no more memory than the table has, and together no more guesses than all may', () => {
  const limit = guessLimit(() => 0);
  let taken = 0;
  for (let source = 0; source < 100_000; source++) {
    const address = `2001:db8:${(source >> 16).toString(16)}:${(source & 0xffff).toString(16)}::/64`;
    if (limit.waitSeconds(address) === 0) taken++;
    limit.wrong(address);
    assert.ok(limit.size() <= sources);
  }
  assert.equal(taken, ofAll.burst);
});
