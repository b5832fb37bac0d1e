import assert from 'node:assert/strict';
import { test } from 'node:test';
import { wrapWords } from './wrap-words.ts';

test('a sentence is broken at its spaces, where it is too long', () => {
  assert.deepEqual(wrapWords('exit code 0 after 41 ms', 80), ['exit code 0 after 41 ms']);
  assert.deepEqual(wrapWords('exit code 0 after 41 ms', 17), ['exit code 0 after', '41 ms']);
  assert.deepEqual(wrapWords('not started: incomprehensibilities', 8), ['not', 'started:', 'incomprehensibilities']);
});
