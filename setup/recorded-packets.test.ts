import assert from 'node:assert/strict';
import { test } from 'node:test';
import { isControl } from '../protocol/packet/control.ts';
import { decodePacket } from '../protocol/packet/decode.ts';
import type { CapturedPacket } from '../protocol/packet/pcap.ts';
import { decodeRecords, encodeRecords } from '../protocol/packet/records.ts';
import { fixture } from '../protocol/packet/test-captures.ts';
import { recordedPackets } from './recorded-packets.ts';

const { packets, linkType } = fixture('hello-ipv4');
const isControlPacket = (packet: CapturedPacket) => isControl(decodePacket(packet, linkType));

/** As a page hears them: when, and what. */
function heard(frames: [number, CapturedPacket[]][]): [number, CapturedPacket[]][] {
  const recorder = recordedPackets();
  for (const [at, of] of frames) recorder.add({ kind: 'packets', run: 2, at, bytes: encodeRecords(of) });
  return recorder.events(2).map(({ at, records }) => [at, decodeRecords(Buffer.from(records, 'base64'))]);
}

test('the packets of a hello are all kept, as they were heard', () => {
  const frames: [number, CapturedPacket[]][] = [
    [80, packets.slice(0, 6)],
    [170, packets.slice(6)],
  ];
  assert.deepEqual(heard(frames), frames);
});

test('of a bulk transfer what begins and ends it is kept, and so little data that a recording stays small', () => {
  const data = packets.find((packet) => !isControlPacket(packet)) ?? assert.fail('no data in the capture');
  const control = packets.filter(isControlPacket);
  const flood = Array.from({ length: 400 }, (_, index) => ({ ...data, seconds: data.seconds + index }));
  const kept = heard([
    [80, control.slice(0, 3)],
    [160, flood],
    [240, control.slice(3)],
  ]).flatMap(([, of]) => of);
  assert.deepEqual(kept.filter(isControlPacket), control);
  assert.ok(kept.length > control.length && encodeRecords(kept).length <= 4_000);
});
