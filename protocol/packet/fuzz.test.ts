import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { trackConnections } from './connections.ts';
import { isControl } from './control.ts';
import { type DecodedPacket, decodePacket } from './decode.ts';
import { hex } from './hex.ts';
import { type CapturedPacket, LINK_TYPES, readPcap } from './pcap.ts';
import { proofsOf } from './proofs.ts';
import { FIXTURES, fixtureBytes, packetWithOptions } from './test-captures.ts';

const CAPTURES = FIXTURES.map((file) => readPcap(fixtureBytes(file)));
const LINKS = Object.values(LINK_TYPES);
const POISONS = [0x00, 0x1e, 0xff];

/** The same bytes in the middle of a larger buffer full of others: a read beyond them would change the result. */
function amid(bytes: Uint8Array, poison: number): Uint8Array {
  const buffer = new Uint8Array(bytes.length + 512).fill(poison);
  buffer.set(bytes, 256);
  return buffer.subarray(256, 256 + bytes.length);
}

function check(packet: CapturedPacket, linkType: number): DecodedPacket {
  const [first, ...others] = POISONS.map((poison) => decodePacket({ ...packet, bytes: amid(packet.bytes, poison) }, linkType));
  assert.ok(first);
  for (const other of others) assert.deepEqual(other, first);
  for (const { from, to } of [...first.fields, ...first.faults, ...first.mptcp]) {
    assert.ok(from >= 0 && from <= to && to <= packet.bytes.length, `${from} to ${to} of ${packet.bytes.length}`);
  }
  for (const { from, to } of first.fields) assert.ok(from < to);
  isControl(first);
  return first;
}

function isBroken({ faults, tcp, ip }: DecodedPacket): boolean {
  return faults.length > 0 || tcp === null || ip === null;
}

test('every packet of every capture, cut off at every byte, is decoded as far as it goes', () => {
  for (const { packets, linkType } of CAPTURES) {
    for (const packet of packets) {
      const whole = check(packet, linkType);
      for (let length = 0; length < packet.bytes.length; length++) {
        const cut = check({ ...packet, bytes: packet.bytes.subarray(0, length) }, linkType);
        // Within the headers a cut is a fault that is named; beyond them only data is missing.
        assert.equal(isBroken(cut), length < (whole.tcp?.to ?? 0), `${length} of ${packet.bytes.length} bytes`);
      }
    }
  }
});

test('any bytes are decoded without an error, whatever the link type', () => {
  fc.assert(
    fc.property(
      fc.uint8Array({ maxLength: 200 }),
      fc.constantFrom(...LINKS, 0, 999),
      fc.nat(70_000),
      (bytes, linkType, wireBytes) => {
        check({ seconds: 1, nanoseconds: 2, wireBytes, bytes }, linkType);
      },
    ),
    { numRuns: 2_000 },
  );
});

test('any options of a TCP header are decoded without an error', () => {
  const anything = fc.uint8Array({ maxLength: 40 });
  const multipath = fc
    .array(fc.tuple(fc.nat(15), fc.nat(15), fc.nat(32), fc.uint8Array({ minLength: 32, maxLength: 32 })), { maxLength: 4 })
    .map((options) => {
      const bytes = options.flatMap(([subtype, low, length, body]) => [
        30,
        length,
        (subtype << 4) | low,
        ...body.slice(0, Math.max(0, length - 3)),
      ]);
      return Uint8Array.from(bytes.slice(0, 40));
    });
  fc.assert(
    fc.property(fc.oneof(anything, multipath), fc.nat(255), (options, flags) => {
      const { packet, linkType } = packetWithOptions(hex(options), flags);
      check(packet, linkType);
    }),
    { numRuns: 3_000 },
  );
});

test('real packets with some bytes changed are decoded, tracked and recomputed without an error', () => {
  const change = fc.tuple(fc.nat(10_000), fc.nat(200), fc.nat(255));
  fc.assert(
    fc.property(fc.nat(CAPTURES.length - 1), fc.array(change, { maxLength: 12 }), (capture, changes) => {
      const { packets, linkType } = CAPTURES[capture] ?? assert.fail();
      const copies = packets.map((packet) => ({ ...packet, bytes: packet.bytes.slice() }));
      for (const [index, offset, value] of changes) copies[index % copies.length]?.bytes.fill(value, offset, offset + 1);
      const decoded = copies.map((packet) => decodePacket(packet, linkType));
      for (const index of new Set(changes.map(([position]) => position % copies.length))) {
        const packet = copies[index];
        if (packet !== undefined) check(packet, linkType);
      }
      for (const connection of trackConnections(decoded).connections) proofsOf(connection, decoded);
    }),
    { numRuns: 400 },
  );
});

test('a packet full of extension headers ends', () => {
  const bytes = new Uint8Array(262_144);
  bytes[0] = 0x60;
  const { faults } = decodePacket({ seconds: 0, nanoseconds: 0, wireBytes: bytes.length, bytes }, LINK_TYPES.raw);
  assert.equal(faults.length, 1);
});
