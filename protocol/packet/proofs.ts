import { calculateInitialSequence, calculateToken } from './arithmetic.ts';
import type { Side, TrackedConnection, TrackedSubflow } from './connections.ts';
import type { DecodedPacket } from './decode.ts';
import { hexNumber } from './hex.ts';
import { keyOf, optionsOf, type Proof, prove } from './proof.ts';
import { proofsOfData } from './proofs-of-data.ts';
import { proofsOfAddresses, proofsOfJoin } from './proofs-of-hmac.ts';

/** All that can be recomputed of a connection whose keys were seen, in the order in which it happened. */
export function proofsOf(connection: TrackedConnection, packets: DecodedPacket[]): Proof[] {
  const sides: Side[] = ['server', 'client'];
  return [
    ...sides.flatMap((side) => proofsOfKey(connection, side, packets)),
    ...connection.subflows.flatMap((subflow) => proofsOfJoin(connection, subflow, packets)),
    ...connection.subflows.flatMap((subflow) => proofsOfAddresses(connection, subflow, packets)),
    ...connection.subflows.flatMap((subflow) => proofsOfData(connection, subflow, packets)),
  ];
}

function proofsOfKey(connection: TrackedConnection, side: Side, packets: DecodedPacket[]): Proof[] {
  const key = keyOf(connection, side);
  if (key === null || connection.tokens[side] === null) return [];
  return [
    prove(
      {
        title: `Token of the ${side}`,
        rule: 'The token is the first 32 bits of SHA-256 of the key: an MP_JOIN names the connection by it.',
        section: 'RFC 8684, 3.1',
      },
      calculateToken(key),
      tokenOnWire(connection, side, packets),
    ),
    prove(
      {
        title: `Initial data sequence number of the ${side}`,
        rule: 'It is the last 64 bits of SHA-256 of the key; the first byte of data has the number after it.',
        section: 'RFC 8684, 3.1',
      },
      calculateInitialSequence(key),
      sequenceOnWire(connection, side, packets),
    ),
  ];
}

function tokenOnWire(connection: TrackedConnection, side: Side, packets: DecodedPacket[]): Proof['onWire'] {
  for (const subflow of connection.subflows) {
    if (subflow.openedBy === side) continue;
    for (const { packet, option } of optionsOf(subflow, packets)) {
      if (option.subtype !== 'MP_JOIN' || option.form !== 'syn') continue;
      return { packet, value: option.receiverToken, where: 'Receiver’s token of the MP_JOIN' };
    }
  }
  return null;
}

/**
 * The first mapping tells it: its data sequence number minus its place in the subflow, as long as all data went by the
 * initial subflow. A DATA_FIN without data has no place of its own; that of its packet counts.
 */
function sequenceOnWire(connection: TrackedConnection, side: Side, packets: DecodedPacket[]): Proof['onWire'] {
  const mappings = connection.subflows
    .flatMap((subflow) => optionsOf(subflow, packets).map((sent) => ({ ...sent, subflow })))
    .filter(({ side: sender, option }) => sender === side && option.subtype === 'DSS' && (option.mapping?.length ?? 0) > 0)
    .sort((one, another) => one.packet - another.packet);
  const [first] = mappings;
  if (first === undefined || first.subflow.role !== 'initial' || first.option.subtype !== 'DSS') return null;
  const { mapping } = first.option;
  if (mapping === null) return null;
  const place = mapping.subflowSequence > 0 ? mapping.subflowSequence : placeOfPacket(first.packet, side, first.subflow, packets);
  if (place === null) return null;
  const bits = mapping.bytes * 8;
  const value = hexNumber(BigInt.asUintN(bits, mapping.dataSequence - BigInt(place)), mapping.bytes);
  const where = `Data sequence number of the first DSS mapping, minus ${place}, its place in the subflow`;
  return { packet: first.packet, value, where };
}

/** Where a packet stands in its subflow, which counts from 1; only for the host whose SYN was seen. */
function placeOfPacket(packet: number, side: Side, subflow: TrackedSubflow, packets: DecodedPacket[]): number | null {
  const sequence = packets[packet]?.tcp?.sequence;
  if (side !== subflow.openedBy || sequence === undefined || subflow.openerSequence === null) return null;
  return (sequence - subflow.openerSequence) >>> 0;
}
