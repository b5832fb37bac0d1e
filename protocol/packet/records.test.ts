import assert from 'node:assert/strict';
import { test } from 'node:test';
import { decodeRecords, encodeRecords } from './records.ts';
import { fixture } from './test-captures.ts';

test('packets come back as they were', () => {
  const { packets } = fixture('hello-ipv4');
  assert.deepEqual(decodeRecords(encodeRecords(packets)), packets);
  assert.deepEqual(decodeRecords(encodeRecords([])), []);
});

test('what is cut anywhere gives the packets before the cut', () => {
  const packets = fixture('hello-ipv4').packets.slice(0, 3);
  const encoded = encodeRecords(packets);
  for (let length = 0; length < encoded.length; length++) {
    const found = decodeRecords(encoded.subarray(0, length));
    assert.deepEqual(found, packets.slice(0, found.length));
    assert.ok(found.length < packets.length);
  }
});
