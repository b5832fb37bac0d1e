import assert from 'node:assert/strict';
import { test } from 'node:test';
import { retryPause } from './retry-pause.ts';

test('the first try comes soon, later ones after longer, and none after more than eight seconds', () => {
  const longest = Array.from({ length: 8 }, (_, attempt) => retryPause(attempt, () => 1));
  assert.deepEqual(longest, [500, 1000, 2000, 4000, 8000, 8000, 8000, 8000]);
  const shortest = Array.from({ length: 8 }, (_, attempt) => retryPause(attempt, () => 0));
  assert.deepEqual(shortest, [0, 500, 1000, 2000, 4000, 4000, 4000, 4000]);
});
