import assert from 'node:assert/strict';
import { test } from 'node:test';
import { isControl } from './control.ts';
import { decodePacket } from './decode.ts';
import { ACK, packetWithOptions, RST, SYN } from './test-captures.ts';

function control(options: string, flags: number): boolean {
  const { packet, linkType } = packetWithOptions(options, flags);
  return isControl(decodePacket(packet, linkType));
}

test('what begins or ends a subflow is control', () => {
  for (const flags of [SYN, SYN | ACK, ACK | 0x01, RST]) assert.equal(control('', flags), true);
  assert.equal(control('', ACK), false);
});

test('a plain DSS is not control; with DATA_FIN, an infinite mapping or another option it is', () => {
  assert.equal(control('1e08200100000007', ACK), false);
  assert.equal(control('1e0e200400000001000000020003', ACK), false);
  assert.equal(control('1e0e200400000001000000020000', ACK), true);
  assert.equal(control('1e0e201400000001000000000001', ACK), true);
  assert.equal(control('1e08200100000007' + '1e035101', ACK), true);
  assert.equal(control('1e0408aa', ACK), true);
});

test('what cannot be decoded is worth a look', () => {
  assert.equal(isControl(decodePacket({ seconds: 0, nanoseconds: 0, wireBytes: 3, bytes: Uint8Array.of(1, 2, 3) }, 1)), true);
});
