import assert from 'node:assert/strict';
import { test } from 'node:test';
import { trackConnections } from '../../../protocol/packet/connections.ts';
import { isControl } from '../../../protocol/packet/control.ts';
import { decodePacket } from '../../../protocol/packet/decode.ts';
import { fixture } from '../../../protocol/packet/test-captures.ts';
import { type Ladder, laddersOf, MAX_STEPS } from './ladder.ts';

function ladders(scenario: string): Ladder[] {
  const { packets, linkType } = fixture(scenario);
  const decoded = packets.map((packet) => decodePacket(packet, linkType));
  return laddersOf(trackConnections(decoded), (packet) => {
    const found = decoded[packet];
    return found !== undefined && isControl(found);
  });
}

test('each subflow of a hello has a ladder that begins with three packets to and fro', () => {
  const [first, joined] = ladders('hello-ipv4');
  assert.match(first?.title ?? '', /^First subflow of connection 0x[0-9a-f]{8}$/);
  assert.match(joined?.title ?? '', /^The client joins a subflow to connection 0x[0-9a-f]{8}$/);
  for (const ladder of [first, joined]) {
    assert.deepEqual(
      ladder?.steps.slice(0, 3).map(({ from }) => from),
      ['client', 'server', 'client'],
    );
    assert.match(ladder?.ends ?? '', /^10\.0\.[12]\.2:\d+ and 10\.0\.9\.1:8262$/);
  }
});

test('a ladder ends at a limit, and tells how much is left out', () => {
  const long = Array.from({ length: MAX_STEPS + 5 }, (_, packet) => ({ packet, sentBy: 'opener' as const }));
  const end = { address: '10.0.1.2', port: 1 };
  const flow = { opener: end, acceptor: end, packets: long, openerSequence: null, offered: true };
  const [ladder] = laddersOf({ connections: [], plain: [flow] }, () => true);
  assert.equal(ladder?.steps.length, MAX_STEPS);
  assert.equal(ladder?.more, 5);
  assert.equal(ladder?.title, 'Plain TCP: Multipath TCP was asked for in vain');
});
