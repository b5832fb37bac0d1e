import assert from 'node:assert/strict';
import { test } from 'node:test';
import { markScanner, newMark, type Piece } from './end-mark.ts';

const mark = newMark();

function scan(chunks: Buffer[]): { output: string; statuses: number[] } {
  const scanner = markScanner(mark);
  const pieces: Piece[] = chunks.flatMap((chunk) => scanner(chunk));
  return {
    output: pieces.map((piece) => (piece.kind === 'output' ? piece.bytes.toString() : '')).join(''),
    statuses: pieces.flatMap((piece) => (piece.kind === 'step-ended' ? [piece.status] : [])),
  };
}

test('a mark is found wherever the stream is cut', () => {
  const stream = Buffer.from(`compiling\r\n${mark}0;hello\r\n\x1f not a mark ${mark}137;`);
  for (let cut = 0; cut <= stream.length; cut++) {
    const { output, statuses } = scan([stream.subarray(0, cut), stream.subarray(cut)]);
    assert.equal(output, 'compiling\r\nhello\r\n\x1f not a mark ');
    assert.deepEqual(statuses, [0, 137]);
  }
});

test('a stream in single bytes gives the same', () => {
  const stream = Buffer.from(`a${mark.slice(0, 9)}b${mark}7;`);
  assert.deepEqual(scan([...stream].map((byte) => Buffer.of(byte))), { output: `a${mark.slice(0, 9)}b`, statuses: [7] });
});

test('output is not held back without need', () => {
  const scanner = markScanner(mark);
  assert.deepEqual(scanner(Buffer.from('$ ')), [{ kind: 'output', bytes: Buffer.from('$ ') }]);
});
