import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { type Capture, type CapturedPacket, FILE_HEADER_BYTES, PACKET_HEADER_BYTES, readPcap, writePcap } from './pcap.ts';
import { pcapStream } from './pcap-stream.ts';
import { FIXTURES, fixtureBytes } from './test-captures.ts';

const PACKET: CapturedPacket = {
  seconds: 1_790_000_000,
  nanoseconds: 123_456_000,
  wireBytes: 1_500,
  bytes: Uint8Array.of(1, 2, 3),
};

/** A file with one packet, as a machine of this byte order and this precision writes it (pcap-savefile(5)). */
function fileOf(littleEndian: boolean, nanoseconds: boolean): Uint8Array {
  const view = new DataView(new ArrayBuffer(FILE_HEADER_BYTES + PACKET_HEADER_BYTES + PACKET.bytes.length));
  const fraction = nanoseconds ? PACKET.nanoseconds : PACKET.nanoseconds / 1_000;
  const words: [number, number][] = [
    [0, nanoseconds ? 0xa1b23c4d : 0xa1b2c3d4],
    [16, 65_535],
    [20, 276],
    [24, PACKET.seconds],
    [28, fraction],
    [32, PACKET.bytes.length],
    [36, PACKET.wireBytes],
  ];
  for (const [offset, value] of words) view.setUint32(offset, value, littleEndian);
  new Uint8Array(view.buffer).set(PACKET.bytes, 40);
  return new Uint8Array(view.buffer);
}

for (const littleEndian of [true, false]) {
  for (const nanoseconds of [true, false]) {
    const kind = `${littleEndian ? 'little' : 'big'} endian, ${nanoseconds ? 'nanoseconds' : 'microseconds'}`;
    test(`a file is read: ${kind}`, () => {
      assert.deepEqual(readPcap(fileOf(littleEndian, nanoseconds)), { linkType: 276, snapBytes: 65_535, packets: [PACKET] });
    });
  }
}

test('what is written is read the same', () => {
  const packet = fc.record(
    {
      seconds: fc.nat(0xffffffff),
      nanoseconds: fc.nat(999_999_999),
      wireBytes: fc.nat(100_000),
      bytes: fc.uint8Array({ maxLength: 50 }),
    },
    { noNullPrototype: true },
  );
  fc.assert(
    fc.property(fc.array(packet), fc.constantFrom(1, 101, 276), (packets, linkType) => {
      const capture: Capture = { linkType, snapBytes: 160, packets };
      assert.deepEqual(readPcap(writePcap(capture)), capture);
    }),
  );
});

test('a file that ends early gives the packets that are complete', () => {
  for (const file of FIXTURES) {
    const bytes = fixtureBytes(file);
    const { packets } = readPcap(bytes);
    let last = 0;
    for (let length = FILE_HEADER_BYTES; length <= bytes.length; length++) {
      const count = readPcap(bytes.subarray(0, length)).packets.length;
      assert.ok(count === last || count === last + 1);
      last = count;
    }
    assert.equal(last, packets.length);
  }
});

test('a file of another kind is refused with the remedy', () => {
  assert.throws(() => readPcap(Uint8Array.of(0x0a, 0x0d, 0x0d, 0x0a)), /Expected a capture file.*editcap/);
});

test('a length that no packet has ends the reading', () => {
  const damaged = fileOf(true, true);
  new DataView(damaged.buffer).setUint32(32, 0x7fffffff, true);
  assert.deepEqual(readPcap(damaged).packets, []);
});

function streamed(bytes: Uint8Array, cuts: number[]): { packets: CapturedPacket[]; damaged: string[]; linkType: number | null } {
  const result: ReturnType<typeof streamed> = { packets: [], damaged: [], linkType: null };
  const write = pcapStream({
    onHeader: ({ linkType }) => {
      result.linkType = linkType;
    },
    onPacket: (packet) => result.packets.push(packet),
    onDamaged: (what) => result.damaged.push(what),
  });
  const places = [0, ...cuts.map((cut) => cut % bytes.length).sort((one, other) => one - other), bytes.length];
  for (const [index, from] of places.slice(0, -1).entries()) write(bytes.subarray(from, places[index + 1]));
  return result;
}

test('a capture that comes in chunks is cut into the same packets, however the chunks fall', () => {
  fc.assert(
    fc.property(fc.constantFrom(...FIXTURES), fc.array(fc.nat(5_000), { maxLength: 30 }), (file, cuts) => {
      const bytes = fixtureBytes(file);
      const { packets, linkType } = readPcap(bytes);
      const { packets: cut, ...rest } = streamed(bytes, cuts);
      assert.deepEqual(
        cut.map((packet) => ({ ...packet, bytes: [...packet.bytes] })),
        packets.map((packet) => ({ ...packet, bytes: [...packet.bytes] })),
      );
      assert.deepEqual(rest, { damaged: [], linkType });
    }),
  );
});

test('a stream that is no capture, or is damaged, is given up once', () => {
  const noise = new Uint8Array(100).fill(7);
  assert.equal(streamed(noise, [30, 60, 90]).damaged.length, 1);
  const damaged = fileOf(true, true);
  new DataView(damaged.buffer).setUint32(32, 0x7fffffff, true);
  assert.deepEqual(streamed(damaged, [20, 30, 41]).damaged, ['Expected the header of a packet, found other bytes']);
});
