import assert from 'node:assert/strict';
import { test } from 'node:test';
import { decodePacket } from '../../../protocol/packet/decode.ts';
import { fixture } from '../../../protocol/packet/test-captures.ts';
import { HOME_TOPOLOGY } from '../../../protocol/topology.ts';
import { wireSignals } from './wire-signals.ts';

/** As in the captures' lab: the order in which the client's interfaces were made. */
const INTERFACES = [
  { index: 2, name: 'wifi' },
  { index: 3, name: 'cellular' },
];

/** What the hosts of a capture told each other: "MP_JOIN client cellular", each kind once. */
function toldIn(scenario: string): string[] {
  const { packets, linkType } = fixture(scenario);
  const decoded = packets.map((packet) => decodePacket(packet, linkType));
  const signals = wireSignals(decoded, INTERFACES, HOME_TOPOLOGY);
  return [...new Set(signals.map(({ option, from, link, says }) => `${option} ${from} ${link} ${says}`.trim()))];
}

test('a hello is a connection over Wi-Fi that cellular joins', () => {
  for (const scenario of ['hello-ipv4', 'hello-ipv6']) {
    assert.deepEqual(toldIn(scenario), ['MP_CAPABLE client wifi', 'MP_JOIN client cellular']);
  }
});

test('an address that is announced, and each one that is taken back, has the link that it used', () => {
  assert.deepEqual(toldIn('addresses'), [
    'MP_CAPABLE client wifi',
    'ADD_ADDR server wifi 10.0.9.2:5005',
    'ADD_ADDR server wifi 10.0.9.2',
    'ADD_ADDR server wifi fd00:9::2',
    'REMOVE_ADDR server wifi number 3',
    'REMOVE_ADDR server wifi number 1',
    'REMOVE_ADDR server wifi number 2',
  ]);
});

test('priorities, failures and resets are told as they were on the wire', () => {
  assert.deepEqual(toldIn('backup').slice(2), ['MP_PRIO client cellular no backup', 'MP_PRIO client cellular backup']);
  assert.deepEqual(toldIn('corrupted').slice(1, 3), ['MP_FAIL client wifi', 'MP_FAIL server wifi']);
  assert.ok(toldIn('fastclose').includes('MP_FASTCLOSE client wifi'));
  assert.equal(toldIn('join-refused')[2], 'MP_TCPRST server cellular reason 3');
});
