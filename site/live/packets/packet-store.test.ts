import assert from 'node:assert/strict';
import { test } from 'node:test';
import { isControl } from '../../../protocol/packet/control.ts';
import { decodePacket } from '../../../protocol/packet/decode.ts';
import { readPcap } from '../../../protocol/packet/pcap.ts';
import { encodeRecords } from '../../../protocol/packet/records.ts';
import { fixture } from '../../../protocol/packet/test-captures.ts';
import { captureFile, inFull, MAX_SHOWN_PACKETS, packetStore } from './packet-store.ts';

test('what was taken in comes out as a capture file, in order of time', () => {
  const { packets, linkType } = fixture('hello-ipv4');
  const store = packetStore();
  store.take(encodeRecords(packets.slice(3)));
  store.take(encodeRecords(packets.slice(0, 3)));
  const file = readPcap(captureFile(store.packets()));
  assert.deepEqual(file.packets, packets);
  assert.equal(file.linkType, linkType);
  store.clear();
  assert.deepEqual(store.packets(), []);
});

test('a packet is kept without its fields, and has them again when it is looked at', () => {
  const { packets, linkType } = fixture('hello-ipv4');
  const store = packetStore();
  store.take(encodeRecords(packets));
  const [first] = store.packets();
  assert.ok(first !== undefined && packets[0] !== undefined);
  assert.deepEqual(first.decoded.fields, []);
  assert.deepEqual(inFull(first), decodePacket(packets[0], linkType));
});

test('more data than there is room for drives no control packet out', () => {
  const { packets, linkType } = fixture('hello-ipv4');
  const control = packets.filter((packet) => isControl(decodePacket(packet, linkType)));
  const data = packets.find((packet) => !isControl(decodePacket(packet, linkType)));
  assert.ok(data !== undefined);
  const store = packetStore();
  store.take(encodeRecords(control));
  const flood = Array.from({ length: MAX_SHOWN_PACKETS }, (_, index) => ({ ...data, seconds: data.seconds + index }));
  store.take(encodeRecords(flood));
  assert.equal(store.packets().length, MAX_SHOWN_PACKETS);
  assert.equal(store.packets().filter((packet) => packet.control).length, control.length);
  assert.deepEqual(store.dropped(), { control: 0, data: control.length });
});
