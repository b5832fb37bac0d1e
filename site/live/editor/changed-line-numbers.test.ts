import assert from 'node:assert/strict';
import { test } from 'node:test';
import { changedLineNumbers } from './changed-line-numbers.ts';

const changed = (original: string, text: string) => changedLineNumbers([...original], [...text]);

test('lines that are changed or new are found, also where their text stands elsewhere', () => {
  assert.deepEqual(changed('abc', 'abc'), []);
  assert.deepEqual(changed('abc', 'aXc'), [2]);
  assert.deepEqual(changed('abcb', 'abbb'), [3]);
  assert.deepEqual(changed('abc', 'aXbYc'), [2, 4]);
  assert.deepEqual(changed('', 'ab'), [1, 2]);
});

test('a line that is taken away marks no other line', () => {
  assert.deepEqual(changed('abcd', 'acd'), []);
  assert.deepEqual(changed('aab', 'ab'), []);
  assert.deepEqual(changed('abc', ''), []);
});

test('texts that are too long to compare are marked from the first to the last difference', () => {
  const original = Array.from({ length: 3000 }, (_, index) => `line ${index}`);
  const text = original.map((line, index) => (index === 10 || index === 2900 ? 'other' : line));
  assert.deepEqual(
    changedLineNumbers(original, text),
    Array.from({ length: 2891 }, (_, index) => index + 11),
  );
});
