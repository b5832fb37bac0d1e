import { type CapturedPacket, FILE_HEADER_BYTES, type FileHeader, LINK_TYPES, readPacket, writePcap } from './pcap.ts';

/** As captured on the client of a lab. */
const HEADER: FileHeader = { linkType: LINK_TYPES.linuxCooked2, snapBytes: 0, littleEndian: false, nanoseconds: true };

/** Packets as they travel between runner and page: a capture file (pcap-savefile(5)) without its header, big-endian, with nanoseconds. */
export function encodeRecords(packets: CapturedPacket[]): Uint8Array<ArrayBuffer> {
  return writePcap({ linkType: HEADER.linkType, snapBytes: HEADER.snapBytes, packets }).subarray(FILE_HEADER_BYTES);
}

/** As many packets as are complete. Their bytes are copies. */
export function decodeRecords(bytes: Uint8Array): CapturedPacket[] {
  const packets: CapturedPacket[] = [];
  for (let offset = 0; ; ) {
    const read = readPacket(bytes, offset, HEADER);
    if (read === 'incomplete' || read === 'damaged') return packets;
    packets.push({ ...read.packet, bytes: Uint8Array.from(read.packet.bytes) });
    offset = read.next;
  }
}
