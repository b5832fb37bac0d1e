import assert from 'node:assert/strict';
import { test } from 'node:test';
import { decodeFrame, encodeFrame, FRAME_HEADER_BYTES } from './frame.ts';

test('a frame comes back as it was', () => {
  for (const kind of ['output', 'input', 'packets'] as const) {
    const frame = { kind, run: 4_294_967_295, at: 1234.5, bytes: Uint8Array.of(0, 255, 10) };
    assert.deepEqual(decodeFrame(encodeFrame(frame)), frame);
  }
});

test('a frame inside a larger buffer is read from its own beginning', () => {
  const encoded = encodeFrame({ kind: 'input', run: 7, at: 0, bytes: new TextEncoder().encode('hi') });
  const larger = new Uint8Array(encoded.length + 5);
  larger.set(encoded, 5);
  assert.equal(decodeFrame(larger.subarray(5))?.run, 7);
});

test('what is too short or unknown is no frame', () => {
  for (let length = 0; length < FRAME_HEADER_BYTES; length++) assert.equal(decodeFrame(new Uint8Array(length).fill(1)), null);
  for (const kind of [0, 4, 255]) assert.equal(decodeFrame(new Uint8Array(FRAME_HEADER_BYTES).fill(kind)), null);
});
