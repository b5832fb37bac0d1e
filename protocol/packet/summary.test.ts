import assert from 'node:assert/strict';
import { test } from 'node:test';
import { decodePacket } from './decode.ts';
import { flagsText, optionSummaries } from './summary.ts';
import { fixture, packetWithOptions } from './test-captures.ts';

function lines(scenario: string): string[] {
  const { packets, linkType } = fixture(scenario);
  return packets.flatMap((packet) => {
    const decoded = decodePacket(packet, linkType);
    const flags = decoded.tcp === null ? '' : flagsText(decoded.tcp);
    return optionSummaries(decoded).map(({ name, says }) => `${flags} ${name} ${says}`.replace(/[0-9a-f]{8}|…[0-9a-f]{4}/g, '#'));
  });
}

test('a hello reads like a conversation', () => {
  const summary = lines('hello-ipv4');
  assert.deepEqual(summary.slice(0, 4), [
    'SYN MP_CAPABLE asks for Multipath TCP',
    'SYN+ACK MP_CAPABLE agrees, with its key',
    'ACK MP_CAPABLE confirms, with both keys',
    'PSH+ACK MP_CAPABLE confirms, with both keys and 8 bytes of data',
  ]);
  for (const line of [
    'SYN MP_JOIN asks to join connection 0x#',
    'SYN+ACK MP_JOIN agrees, and proves that it knows the keys',
    'ACK MP_JOIN proves that it knows the keys',
    'ACK DSS waits for #',
    'PSH+ACK DSS 5 bytes at #, waits for #',
    'ACK DSS no more data for the connection, waits for #',
  ]) {
    assert.ok(summary.includes(line), `${line} in\n${summary.join('\n')}`);
  }
});

test('addresses, priorities, failures and ends are told in words', () => {
  const all = ['addresses', 'backup', 'corrupted', 'fastclose', 'join-refused'].flatMap(lines);
  for (const pattern of [
    /^ACK ADD_ADDR announces 10\.0\.9\.2 port 5005 as address 3$/,
    /^ACK ADD_ADDR has heard of fd00:9::2$/,
    /^ACK REMOVE_ADDR takes back address 1, 2$/,
    /^SYN MP_JOIN asks to join connection 0x# as a backup$/,
    /^ACK MP_PRIO makes this subflow a regular one$/,
    /^ACK MP_PRIO makes this subflow a backup$/,
    /MP_FAIL found a wrong checksum at #$/,
    /^RST\+ACK MP_FASTCLOSE ends the whole connection at once$/,
    /^RST MP_TCPRST resets this subflow: Administratively prohibited$/,
  ]) {
    assert.ok(
      all.some((line) => pattern.test(line)),
      `${pattern} in\n${all.join('\n')}`,
    );
  }
});

test('what is malformed, of another version or not assigned says so', () => {
  const say = (options: string) => {
    const { packet, linkType } = packetWithOptions(options, 0x02);
    return optionSummaries(decodePacket(packet, linkType)).map(({ name, says }) => `${name} ${says}`);
  };
  assert.deepEqual(say('1e0c00010102030405060708'), ['MP_CAPABLE v0 asks for Multipath TCP']);
  assert.deepEqual(say('1e046000'), ['MP_FAIL is malformed: expected a length of 12, found 4']);
  assert.deepEqual(say('1e0490aa'), ['subtype 9 is not assigned']);
});
