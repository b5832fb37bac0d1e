import assert from 'node:assert/strict';
import { PassThrough } from 'node:stream';
import { test } from 'node:test';
import { recordReader, sendRecord } from './records.ts';

const OUTPUT = 0;
const ENDED = 2;

test('records come out as they went in, wherever the stream is cut', () => {
  const stream = new PassThrough();
  sendRecord(stream, 1, OUTPUT, 'hello');
  sendRecord(stream, 70_000, ENDED, 'status 0');
  sendRecord(stream, 2, OUTPUT);
  sendRecord(stream, 2, OUTPUT, Buffer.from('é'));
  const whole: Buffer = stream.read();
  for (let chunkBytes = 1; chunkBytes <= whole.length; chunkBytes++) {
    const seen: [number, number, string][] = [];
    const printed = new Map<number, Buffer>();
    const read = recordReader(({ terminal, kind, payload }) => {
      if (kind === OUTPUT) printed.set(terminal, Buffer.concat([printed.get(terminal) ?? Buffer.alloc(0), payload]));
      else seen.push([terminal, kind, payload.toString()]);
    }, OUTPUT);
    for (let at = 0; at < whole.length; at += chunkBytes) read(whole.subarray(at, at + chunkBytes));
    assert.deepEqual(seen, [[70_000, ENDED, 'status 0']]);
    assert.deepEqual(
      [...printed].map(([terminal, bytes]) => [terminal, bytes.toString()]),
      [
        [1, 'hello'],
        [2, 'é'],
      ],
    );
  }
});
