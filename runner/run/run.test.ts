import assert from 'node:assert/strict';
import { test } from 'node:test';
import { endOf } from './run.ts';

const limits = { wallSeconds: 60, cpuSeconds: 20, fileBytes: 64 * 1024 * 1024, outputBytes: 1 };

test('a status above 128 names the signal, and the limit behind it', () => {
  assert.deepEqual(endOf(0, limits), { kind: 'exit', code: 0 });
  assert.deepEqual(endOf(3, limits), { kind: 'exit', code: 3 });
  assert.deepEqual(endOf(128 + 11, limits), { kind: 'signal', signal: 'SIGSEGV' });
  assert.deepEqual(endOf(128 + 24, limits), { kind: 'limit', limit: 'cpu-time', value: 20, unit: 's' });
  assert.deepEqual(endOf(128 + 25, limits), { kind: 'limit', limit: 'file-size', value: 64, unit: 'MiB' });
  assert.deepEqual(endOf(255, limits), { kind: 'exit', code: 255 });
});
