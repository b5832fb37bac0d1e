import assert from 'node:assert/strict';
import { test } from 'node:test';
import { labTimes } from './lab-times.ts';

const MINUTE_MS = 60_000;

test('labs that are kept for ten minutes each let somebody in every minute, of ten', () => {
  let now = 0;
  const times = labTimes(() => now);
  for (let lab = 0; lab < 20; lab++) {
    const giveBack = times.given();
    now += 10 * MINUTE_MS;
    giveBack();
    giveBack();
    now -= 9 * MINUTE_MS;
  }
  assert.equal(times.expectedWaitMs(1, 10), MINUTE_MS);
  assert.equal(times.expectedWaitMs(4, 10), 4 * MINUTE_MS);
});

test('nothing is said before labs were given back, nor from labs of long ago', () => {
  let now = 0;
  const times = labTimes(() => now);
  const labs = Array.from({ length: 3 }, () => times.given());
  now += MINUTE_MS;
  assert.equal(times.expectedWaitMs(1, 3), null);
  for (const giveBack of labs) giveBack();
  assert.equal(times.expectedWaitMs(1, 3), MINUTE_MS / 3);
  now += 31 * MINUTE_MS;
  assert.equal(times.expectedWaitMs(1, 3), null);
});

test('labs that nobody gives back make the wait longer', () => {
  let now = 0;
  const times = labTimes(() => now);
  for (const giveBack of Array.from({ length: 3 }, () => times.given())) {
    now += MINUTE_MS;
    giveBack();
  }
  times.given();
  const soon = times.expectedWaitMs(1, 1) ?? 0;
  now += 20 * MINUTE_MS;
  assert.ok((times.expectedWaitMs(1, 1) ?? 0) > 2 * soon);
});
