import assert from 'node:assert/strict';
import { test } from 'node:test';
import { answerReader, type ShellAnswer } from './shell.ts';

test('answers are read however the stream is cut', () => {
  const stream = Buffer.from('1 0 3\nabc2 1 0\n3 0 5\na\nb\n\n');
  for (let cut = 0; cut <= stream.length; cut++) {
    const answers: [number, ShellAnswer][] = [];
    const read = answerReader((id, answer) => answers.push([id, answer]));
    read(stream.subarray(0, cut));
    read(stream.subarray(cut));
    assert.deepEqual(answers, [
      [1, { status: 0, output: 'abc' }],
      [2, { status: 1, output: '' }],
      [3, { status: 0, output: 'a\nb\n\n' }],
    ]);
  }
});
