import { calculateDataChecksum, calculateInitialSequence } from './arithmetic.ts';
import type { TrackedConnection, TrackedSubflow } from './connections.ts';
import type { DecodedPacket } from './decode.ts';
import { hex, hexNumber } from './hex.ts';
import type { MptcpOption } from './mptcp-option.ts';
import { keyOf, optionsOf, type Proof, prove } from './proof.ts';

/** What a checksum covers. */
type Mapped = { dataSequence: bigint; subflowSequence: number; length: number; checksum: number };

/**
 * Checksums of data that came in one packet and was captured as a whole. One that does not agree is a packet that was changed
 * on its way: the receiver answers with MP_FAIL (RFC 8684, section 3.7).
 */
export function proofsOfData(connection: TrackedConnection, subflow: TrackedSubflow, packets: DecodedPacket[]): Proof[] {
  return optionsOf(subflow, packets).flatMap(({ packet, side, option }) => {
    const mapped = mappedBy(option, keyOf(connection, side)?.value ?? null);
    const data = wholeData(packets[packet], mapped);
    if (mapped === null || data === null) return [];
    const { dataSequence, subflowSequence, length, checksum } = mapped;
    const calculation = calculateDataChecksum(
      { name: 'data sequence number', value: hexNumber(dataSequence, 8) },
      { name: 'subflow sequence number', value: hexNumber(subflowSequence, 4) },
      { name: 'data-level length', value: hexNumber(length, 2) },
      { name: 'data', value: hex(data) },
    );
    const text = {
      title: `Checksum of ${length} bytes of the ${side}`,
      rule: 'The sum of TCP over the mapping and its data: a middlebox that changes data, and mends the sum of TCP, is found out by it.',
      section: 'RFC 8684, 3.3.1',
    };
    return [prove(text, calculation, { packet, value: hexNumber(checksum, 2), where: `Checksum of the ${option.subtype}` })];
  });
}

/** `null` where there is no checksum, or where the whole data sequence number is not known. */
function mappedBy(option: MptcpOption, senderKey: string | null): Mapped | null {
  if (option.subtype === 'DSS') {
    const { mapping, dataFin } = option;
    if (mapping === null || mapping.checksum === null || mapping.bytes !== 8 || dataFin) return null;
    return { ...mapping, checksum: mapping.checksum };
  }
  if (option.subtype !== 'MP_CAPABLE' || option.form !== 'data' || option.checksum === null || senderKey === null) return null;
  // The mapping of the first data is not sent: it begins at 1 in the subflow and one beyond the initial number (section 3.1).
  const initial = BigInt(`0x${calculateInitialSequence({ name: 'key', value: senderKey }).result}`);
  return {
    dataSequence: BigInt.asUintN(64, initial + 1n),
    subflowSequence: 1,
    length: option.dataLength,
    checksum: option.checksum,
  };
}

function wholeData(packet: DecodedPacket | undefined, mapped: Mapped | null): Uint8Array | null {
  if (!packet?.payload || mapped === null || mapped.length === 0) return null;
  const { bytes, from, to } = packet.payload;
  return bytes === mapped.length && to - from === bytes ? packet.bytes.subarray(from, to) : null;
}
