import assert from 'node:assert/strict';
import { test } from 'node:test';
import { formatBytes, formatDuration } from './quantity.ts';

test('bytes are rounded to two digits that matter, in the unit that keeps them short', () => {
  assert.deepEqual([0, 640, 999, 1000, 1290, 25_400, 999_600, 3_200_000_000].map(formatBytes), [
    '0 B',
    '640 B',
    '999 B',
    '1.0 kB',
    '1.3 kB',
    '25 kB',
    '1.0 MB',
    '3.2 GB',
  ]);
});

test('durations below a second are told in milliseconds', () => {
  assert.deepEqual([0.4, 41.3, 999.4, 999.6, 1290, 61_000].map(formatDuration), [
    '0 ms',
    '41 ms',
    '999 ms',
    '1.0 s',
    '1.3 s',
    '61 s',
  ]);
});
