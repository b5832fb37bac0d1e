import assert from 'node:assert/strict';
import { PassThrough } from 'node:stream';
import { test } from 'node:test';
import { MAX_RECORD_BYTES, recordReader, recordsTo } from './relay-records.ts';

const PARTS = 1;
const WHOLE = 3;

function written(write: (record: ReturnType<typeof recordsTo>) => void): Buffer {
  const stream = new PassThrough();
  write(recordsTo(stream));
  return stream.read() ?? Buffer.alloc(0);
}

function readIn(chunks: Buffer[]): { output: Record<number, string>; whole: string[] } {
  const output: Record<number, string> = {};
  const whole: string[] = [];
  const read = recordReader({
    parts: PARTS,
    onPart(run, bytes) {
      output[run] = (output[run] ?? '') + bytes;
    },
    onRecord: (run, kind, payload) => whole.push(`${run} ${kind} ${payload}`),
  });
  for (const chunk of chunks) read(chunk);
  return { output, whole };
}

test('records are read however the stream is cut', () => {
  const stream = written((record) => {
    record(7, PARTS, Buffer.from('hello '));
    record(0xffff_ffff, PARTS, Buffer.from('other'));
    record(7, WHOLE, Buffer.from('abcd'));
    record(7, PARTS);
    record(7, PARTS, Buffer.from('world'));
  });
  const expected = { output: { 7: 'hello world', 4294967295: 'other' }, whole: ['7 3 abcd'] };
  for (let cut = 0; cut <= stream.length; cut++) {
    assert.deepEqual(readIn([stream.subarray(0, cut), stream.subarray(cut)]), expected);
  }
  assert.deepEqual(readIn([...stream].map((byte) => Buffer.of(byte))), expected);
});

test('output that has come in part is handed over at once', () => {
  const stream = written((record) => record(1, PARTS, Buffer.from('prompt')));
  assert.deepEqual(readIn([stream.subarray(0, -2)]).output, { 1: 'prom' });
});

test('a record that the relay would not take is refused here', () => {
  written((record) => record(1, WHOLE, Buffer.alloc(MAX_RECORD_BYTES)));
  assert.throws(() => written((record) => record(1, WHOLE, Buffer.alloc(MAX_RECORD_BYTES + 1))), /at most 65536 bytes/);
});
