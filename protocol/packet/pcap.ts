/**
 * The classic capture file (pcap-savefile(5)): a header of 24 bytes, then for each packet a header of 16 and the bytes kept.
 * Numbers are in the byte order of the machine that wrote the file.
 */
export type Capture = { linkType: number; snapBytes: number; packets: CapturedPacket[] };

export type CapturedPacket = {
  /** When it was captured, since 1970: seconds, and nanoseconds of that second. */
  seconds: number;
  nanoseconds: number;
  /** The length on the wire; `bytes` may be fewer. */
  wireBytes: number;
  bytes: Uint8Array;
};

/** Link types as tcpdump.org numbers them. */
export const LINK_TYPES = { ethernet: 1, raw: 101, linuxCooked2: 276 } as const;

export const FILE_HEADER_BYTES = 24;
export const PACKET_HEADER_BYTES = 16;
/** The longest packet that a reader takes for one; beyond it a file is damaged (MAXIMUM_SNAPLEN of libpcap). */
export const MAX_PACKET_BYTES = 262_144;

export type FileHeader = { linkType: number; snapBytes: number; littleEndian: boolean; nanoseconds: boolean };

const MAGIC_MICROSECONDS = 0xa1b2c3d4;
const MAGIC_NANOSECONDS = 0xa1b23c4d;

/** The first 24 bytes of a file; `null` when they are not those of a capture. */
export function readFileHeader(bytes: Uint8Array): FileHeader | null {
  if (bytes.length < FILE_HEADER_BYTES) return null;
  const view = viewOf(bytes);
  for (const littleEndian of [true, false]) {
    const magic = view.getUint32(0, littleEndian);
    if (magic !== MAGIC_MICROSECONDS && magic !== MAGIC_NANOSECONDS) continue;
    // The upper bits of the link type tell about frame check sequences (pcap-savefile(5)).
    const linkType = view.getUint32(20, littleEndian) & 0xffff;
    return { linkType, snapBytes: view.getUint32(16, littleEndian), littleEndian, nanoseconds: magic === MAGIC_NANOSECONDS };
  }
  return null;
}

/**
 * The packet whose header begins at `offset`, and where the next one begins. `incomplete` when the bytes end before it does,
 * `damaged` when no packet can be so long. The packet's bytes are a view, not a copy.
 */
export function readPacket(
  bytes: Uint8Array,
  offset: number,
  header: FileHeader,
): { packet: CapturedPacket; next: number } | 'incomplete' | 'damaged' {
  if (bytes.length - offset < PACKET_HEADER_BYTES) return 'incomplete';
  const view = viewOf(bytes);
  const word = (position: number) => view.getUint32(offset + position, header.littleEndian);
  const keptBytes = word(8);
  if (keptBytes > MAX_PACKET_BYTES) return 'damaged';
  const from = offset + PACKET_HEADER_BYTES;
  if (bytes.length - from < keptBytes) return 'incomplete';
  const packet: CapturedPacket = {
    seconds: word(0),
    nanoseconds: header.nanoseconds ? word(4) : word(4) * 1_000,
    wireBytes: word(12),
    bytes: bytes.subarray(from, from + keptBytes),
  };
  return { packet, next: from + keptBytes };
}

/**
 * Reads a whole file, with as many packets as are complete.
 *
 * @throws Error when it is not a classic capture file
 */
export function readPcap(bytes: Uint8Array): Capture {
  const header = readFileHeader(bytes);
  if (header === null) {
    throw new Error('Expected a capture file of the classic kind (pcap), found another. "editcap -F pcap IN OUT" converts it.');
  }
  const packets: CapturedPacket[] = [];
  for (let offset = FILE_HEADER_BYTES; ; ) {
    const read = readPacket(bytes, offset, header);
    if (read === 'incomplete' || read === 'damaged') break;
    packets.push(read.packet);
    offset = read.next;
  }
  return { linkType: header.linkType, snapBytes: header.snapBytes, packets };
}

/** A file that tcpdump(8), tshark(1) and Wireshark open; times are kept to the nanosecond. */
export function writePcap({ linkType, snapBytes, packets }: Capture): Uint8Array<ArrayBuffer> {
  const total = packets.reduce((sum, { bytes }) => sum + PACKET_HEADER_BYTES + bytes.length, FILE_HEADER_BYTES);
  const file = new Uint8Array(total);
  const view = viewOf(file);
  view.setUint32(0, MAGIC_NANOSECONDS);
  view.setUint16(4, 2);
  view.setUint16(6, 4);
  view.setUint32(16, snapBytes);
  view.setUint32(20, linkType);
  let offset = FILE_HEADER_BYTES;
  for (const { seconds, nanoseconds, wireBytes, bytes } of packets) {
    for (const [position, value] of [seconds, nanoseconds, bytes.length, wireBytes].entries())
      view.setUint32(offset + 4 * position, value);
    file.set(bytes, offset + PACKET_HEADER_BYTES);
    offset += PACKET_HEADER_BYTES + bytes.length;
  }
  return file;
}

function viewOf(bytes: Uint8Array): DataView {
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}
