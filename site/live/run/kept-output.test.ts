import assert from 'node:assert/strict';
import { test } from 'node:test';
import { keepOutput } from './kept-output.ts';

const encode = (text: string) => new TextEncoder().encode(text);

test('what is printed in pieces is kept whole, a letter of several bytes too', () => {
  const output = keepOutput();
  const bytes = encode('first\nerror: ‘x’\n');
  for (const byte of bytes) output.add(Uint8Array.of(byte));
  assert.equal(output.text(), 'first\nerror: ‘x’\n');
});

test('of a flood the start and the end are kept, in whole lines, and no more than 100 KiB', () => {
  const output = keepOutput();
  output.add(encode('the first line\n'));
  for (let number = 0; number < 100_000; number++) output.add(encode(`line ${number}\n`));
  output.add(encode('the last line\n'));
  const text = output.text();
  assert.ok(text.startsWith('the first line\nline 0\n'));
  assert.ok(text.endsWith('\nline 99999\nthe last line\n'));
  assert.ok(text.length < 100 * 1024, `${text.length} characters`);
});
