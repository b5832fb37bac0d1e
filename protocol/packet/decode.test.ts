import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type DecodedPacket, decodePacket } from './decode.ts';
import type { MptcpOption } from './mptcp-option.ts';
import { readPcap } from './pcap.ts';
import { FIXTURES, fixture, fixtureBytes } from './test-captures.ts';

function decoded(scenario: string): DecodedPacket[] {
  const { packets, linkType } = fixture(scenario);
  return packets.map((packet) => decodePacket(packet, linkType));
}

function named(option: MptcpOption): string {
  return 'form' in option ? `${option.subtype} ${option.form}` : option.subtype;
}

test('a hello begins with the three packets of MP_CAPABLE, its first data, and joins a second subflow', () => {
  const options = decoded('hello-ipv4').flatMap(({ mptcp }) => mptcp.map(named));
  assert.deepEqual(options.slice(0, 4), ['MP_CAPABLE syn', 'MP_CAPABLE syn-ack', 'MP_CAPABLE ack', 'MP_CAPABLE data']);
  const joins = options.filter((name) => name.startsWith('MP_JOIN'));
  assert.deepEqual(joins, ['MP_JOIN syn', 'MP_JOIN syn-ack', 'MP_JOIN ack']);
});

test('who sent a packet, from where, and how much data it had, is told in IPv4 and IPv6', () => {
  for (const [scenario, client, server] of [
    ['hello-ipv4', '10.0.1.2', '10.0.9.1'],
    ['hello-ipv6', 'fd00:1::2', 'fd00:9::1'],
  ] as const) {
    const [syn, synAck, , data] = decoded(scenario);
    assert.equal(syn?.direction, 'sent');
    assert.equal(syn?.ip?.source, client);
    assert.equal(syn?.ip?.destination, server);
    assert.equal(synAck?.direction, 'received');
    assert.equal(synAck?.ip?.source, server);
    assert.equal(data?.payload?.bytes, 'sh true\n'.length);
    const { from = 0, to = 0 } = data?.payload ?? {};
    assert.equal(new TextDecoder().decode(data?.bytes.subarray(from, to)), 'sh true\n');
  }
});

test('data of which only the beginning was captured counts as it was on the wire', () => {
  const largest = Math.max(...decoded('hello-ipv4').map(({ payload }) => payload?.bytes ?? 0));
  assert.ok(largest >= 1_400, `${largest} bytes`);
  for (const { payload, bytes } of decoded('hello-ipv4')) assert.ok((payload?.to ?? 0) <= bytes.length);
});

for (const file of FIXTURES) {
  test(`${file}: every byte of every header is explained, and nothing beyond`, () => {
    const { packets, linkType } = readPcap(fixtureBytes(file));
    for (const packet of packets) {
      const { fields, faults, tcp } = decodePacket(packet, linkType);
      assert.deepEqual(faults, []);
      const explained = new Set(fields.flatMap(({ from, to }) => Array.from({ length: to - from }, (_, index) => from + index)));
      assert.deepEqual(
        [...explained].sort((one, other) => one - other),
        [...Array(tcp?.to).keys()],
      );
      for (const { meaning, section, value } of fields) {
        assert.match(meaning, /^[A-Z0-9].*\.$/s);
        assert.notEqual(value, '');
        assert.match(section, /\d/);
      }
    }
  });
}
