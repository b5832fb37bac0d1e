import { calculateAddressHmac, calculateJoinHmac, type Named } from './arithmetic.ts';
import type { TrackedConnection, TrackedSubflow } from './connections.ts';
import type { DecodedPacket } from './decode.ts';
import { hex, hexNumber } from './hex.ts';
import type { AddAddr, MptcpOption } from './mptcp-option.ts';
import { keyOf, optionsOf, other, type Proof, prove } from './proof.ts';

/** RFC 8684, section 3.2. */
export function proofsOfJoin(connection: TrackedConnection, subflow: TrackedSubflow, packets: DecodedPacket[]): Proof[] {
  const opener = subflow.openedBy;
  const [openerKey, acceptorKey] = [keyOf(connection, opener), keyOf(connection, other(opener))];
  if (subflow.role !== 'joined' || openerKey === null || acceptorKey === null) return [];
  let [openerRandom, acceptorRandom]: (Named | null)[] = [null, null];
  const proofs: Proof[] = [];
  for (const { packet, option } of optionsOf(subflow, packets)) {
    if (option.subtype !== 'MP_JOIN') continue;
    if (option.form === 'syn') openerRandom = { name: `random number of the ${opener}`, value: option.senderRandom };
    if (option.form === 'syn-ack') acceptorRandom = { name: `random number of the ${other(opener)}`, value: option.senderRandom };
    if (!openerRandom || !acceptorRandom) continue;
    if (option.form === 'syn-ack') {
      const onWire = { packet, value: option.truncatedHmac, where: 'Sender’s truncated HMAC of the SYN+ACK' };
      const calculation = calculateJoinHmac([acceptorKey, openerKey], [acceptorRandom, openerRandom], 'syn-ack');
      proofs.push(
        prove({ title: `HMAC of the ${other(opener)} in the SYN+ACK of MP_JOIN`, ...JOIN_RULES.synAck }, calculation, onWire),
      );
    }
    if (option.form === 'ack') {
      const onWire = { packet, value: option.hmac, where: 'Sender’s HMAC of the ACK' };
      const calculation = calculateJoinHmac([openerKey, acceptorKey], [openerRandom, acceptorRandom], 'ack');
      proofs.push(prove({ title: `HMAC of the ${opener} in the ACK of MP_JOIN`, ...JOIN_RULES.ack }, calculation, onWire));
    }
  }
  return proofs;
}

const JOIN_RULES = {
  synAck: {
    rule: 'The host that answers proves that it knows both keys: its own comes first, its random number too, and the leftmost 64 bits are sent.',
    section: 'RFC 8684, 3.2',
  },
  ack: {
    rule: 'The host that joins proves the same, with its own key and random number first, and sends the leftmost 160 bits.',
    section: 'RFC 8684, 3.2',
  },
};

/** RFC 8684, section 3.4.1. */
export function proofsOfAddresses(connection: TrackedConnection, subflow: TrackedSubflow, packets: DecodedPacket[]): Proof[] {
  return optionsOf(subflow, packets).flatMap(({ packet, side, option }) => {
    if (option.subtype !== 'ADD_ADDR' || option.hmac === null) return [];
    const [own, peer] = [keyOf(connection, side), keyOf(connection, other(side))];
    if (own === null || peer === null) return [];
    const text = {
      title: `HMAC of the ${side} in ADD_ADDR ${option.addressId}`,
      rule: 'The host that announces an address proves that it knows both keys, its own first; the rightmost 64 bits are sent.',
      section: 'RFC 8684, 3.4.1',
    };
    const addressId = { name: 'address ID', value: hexNumber(option.addressId, 1) };
    const port = { name: option.port === null ? 'no port' : 'port', value: hexNumber(option.port ?? 0, 2) };
    const address = { name: 'address', value: addressDigits(option, packets[packet]) };
    const onWire = { packet, value: option.hmac, where: 'Truncated HMAC of the ADD_ADDR' };
    return [prove(text, calculateAddressHmac([own, peer], addressId, address, port), onWire)];
  });
}

/** The address as it stands in the option, after kind, length, flags and ID. */
function addressDigits(option: AddAddr & MptcpOption, packet: DecodedPacket | undefined): string {
  const from = option.from + 4;
  return packet === undefined ? '' : hex(packet.bytes.subarray(from, from + (option.address.includes(':') ? 16 : 4)));
}
