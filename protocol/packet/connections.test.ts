import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type Traffic, trackConnections } from './connections.ts';
import { type DecodedPacket, decodePacket } from './decode.ts';
import type { Proof } from './proof.ts';
import { proofsOf } from './proofs.ts';
import { fixture } from './test-captures.ts';

function decoded(scenario: string): DecodedPacket[] {
  const { packets, linkType } = fixture(scenario);
  return packets.map((packet) => decodePacket(packet, linkType));
}

function proofs(packets: DecodedPacket[], { connections }: Traffic): Proof[] {
  return connections.flatMap((connection) => proofsOf(connection, packets));
}

test('the subflows of a hello belong to one connection, each with its packets', () => {
  const packets = decoded('hello-ipv4');
  const { connections, plain } = trackConnections(packets);
  assert.equal(connections.length, 1);
  assert.deepEqual(plain, []);
  const subflows = connections[0]?.subflows ?? [];
  assert.deepEqual(
    subflows.map(({ role, openedBy, opener, acceptor }) => [role, openedBy, opener.address, acceptor.address, acceptor.port]),
    [
      ['initial', 'client', '10.0.1.2', '10.0.9.1', 8262],
      ['joined', 'client', '10.0.2.2', '10.0.9.1', 8262],
    ],
  );
  const tracked = subflows.flatMap((subflow) => subflow.packets.map(({ packet }) => packet)).sort((one, other) => one - other);
  assert.deepEqual(tracked, [...packets.keys()]);
});

test('token, first sequence number and both HMACs of a hello are recomputed as they were on the wire', () => {
  for (const scenario of ['hello-ipv4', 'hello-ipv6']) {
    const packets = decoded(scenario);
    const results = proofs(packets, trackConnections(packets)).map(({ title, agrees }) => `${title}: ${agrees}`);
    assert.deepEqual(results, [
      'Token of the server: true',
      'Initial data sequence number of the server: true',
      // Nobody joined the client, so its token never was on the wire.
      'Token of the client: null',
      'Initial data sequence number of the client: true',
      'HMAC of the server in the SYN+ACK of MP_JOIN: true',
      'HMAC of the client in the ACK of MP_JOIN: true',
    ]);
  }
});

test('announced addresses of both families, with and without port, have the HMAC that is recomputed', () => {
  for (const [scenario, count] of [
    ['addresses', 3],
    ['no-timestamps', 1],
  ] as const) {
    const packets = decoded(scenario);
    const announced = proofs(packets, trackConnections(packets)).filter(({ title }) => title.includes('ADD_ADDR'));
    assert.equal(announced.length, count);
    for (const { agrees } of announced) assert.equal(agrees, true);
  }
});

test('each step of a calculation leads to the next', () => {
  const packets = decoded('hello-ipv4');
  const [token] = proofs(packets, trackConnections(packets));
  const [key, digest, truncation] = token?.steps ?? [];
  assert.ok(key?.kind === 'input' && digest?.kind === 'digest' && truncation?.kind === 'truncation');
  assert.equal(key.value.length, 16);
  assert.equal(digest.value.slice(2 * truncation.from, 2 * truncation.to), truncation.value);
  assert.equal(token?.result, truncation.value);
  assert.equal(token?.onWire?.value, truncation.value);
});

test('a key that was changed on its way makes the proofs disagree', () => {
  const { packets, linkType } = fixture('hello-ipv4');
  const changed = packets.map((packet) => ({ ...packet, bytes: packet.bytes.slice() }));
  const synAck = decodePacket(packets[1] ?? assert.fail(), linkType);
  const keyField = synAck.fields.find(({ name }) => name === 'Sender’s key') ?? assert.fail();
  changed[1]?.bytes.fill(0, keyField.from, keyField.to);
  const again = changed.map((packet) => decodePacket(packet, linkType));
  const hmacs = proofs(again, trackConnections(again)).filter(({ title }) => title.startsWith('HMAC'));
  for (const { agrees } of hmacs) assert.notEqual(agrees, true);
});

test('data that a middlebox changed has a checksum that disagrees', () => {
  const packets = decoded('corrupted');
  const wrong = proofs(packets, trackConnections(packets)).filter(({ agrees }) => agrees === false);
  assert.deepEqual(
    wrong.map(({ title }) => title),
    ['Checksum of 40 bytes of the server'],
  );
});

test('a capture that begins after the handshake still puts joined subflows together', () => {
  const packets = decoded('hello-ipv4').slice(4);
  const { connections } = trackConnections(packets);
  assert.deepEqual(
    connections.map(({ subflows, keys }) => [subflows.length, keys.server]),
    [[1, null]],
  );
  assert.match(connections[0]?.tokens.server ?? '', /^[0-9a-f]{8}$/);
});

test('two connections from one host are kept apart', () => {
  const packets = decoded('fastclose');
  const { connections } = trackConnections(packets);
  assert.equal(connections.length, 2);
  for (const { subflows } of connections) assert.equal(subflows[0]?.role, 'initial');
});

test('an offer without an answer is plain TCP that was offered more', () => {
  const packets = decoded('hello-ipv4');
  const stripped = packets.map((packet) => (packet.tcp?.flags.syn && !packet.tcp.flags.ack ? packet : { ...packet, mptcp: [] }));
  const { plain } = trackConnections(stripped);
  assert.deepEqual(
    plain.map(({ offered, opener }) => [offered, opener.address]),
    [[true, '10.0.1.2']],
  );
});

test('addresses and ports that are used again belong to a new flow, a SYN that is sent again does not', () => {
  const packets = decoded('hello-ipv4');
  const again = packets.map((packet) => {
    const { tcp } = packet;
    return tcp === null ? packet : { ...packet, tcp: { ...tcp, sequence: (tcp.sequence + 1_000) >>> 0 } };
  });
  assert.equal(trackConnections([...packets, ...again]).connections.length, 2);
  const [syn] = packets;
  assert.ok(syn);
  const { connections } = trackConnections([syn, ...packets]);
  assert.deepEqual(
    connections.map(({ subflows }) => subflows.length),
    [2],
  );
});
