import assert from 'node:assert/strict';
import { test } from 'node:test';
import { waitingWords } from './waiting-view.ts';

test('while the image is made, the phase and how far it is are told', () => {
  assert.deepEqual(
    waitingWords({ type: 'waiting', for: 'image', image: { state: 'building', phase: 'installing packages', percent: 41.6 } }),
    { text: 'Run waits. The image that programs run in is being made: installing packages, 42 %.', percent: 41.6 },
  );
});

for (const [position, expectedMs, ownLimit, expected] of [
  [1, null, null, 'Run waits for a free lab. Yours is next.'],
  [4, null, null, 'Run waits for a free lab. 3 before you.'],
  [1, 800, null, 'Run waits for a free lab. Yours is next, a few seconds.'],
  [2, 30_000, null, 'Run waits for a free lab. 1 before you, less than a minute.'],
  [2, 55_000, null, 'Run waits for a free lab. 1 before you, about a minute.'],
  [4, 125_000, null, 'Run waits for a free lab. 3 before you, about 2 minutes.'],
  [60, 7_000_000, null, 'Run waits for a free lab. 59 before you, more than an hour.'],
  [1, null, 15, 'Run waits for a free lab. All 15 that your network may have are in use. Yours is next.'],
  [2, 125_000, 1, 'Run waits for a free lab. The one that your network may have is in use. 1 before you, about 2 minutes.'],
] as const) {
  test(`place ${position}, ${expectedMs} ms, limit ${ownLimit}: "${expected}"`, () =>
    assert.equal(waitingWords({ type: 'waiting', for: 'lab', position, expectedMs, ownLimit }).text, expected));
}
