import { isControl } from '../../../protocol/packet/control.ts';
import { type DecodedPacket, decodePacket } from '../../../protocol/packet/decode.ts';
import { packetBuffer } from '../../../protocol/packet/packet-buffer.ts';
import { type CapturedPacket, LINK_TYPES, writePcap } from '../../../protocol/packet/pcap.ts';
import { decodeRecords } from '../../../protocol/packet/records.ts';

/** A packet in the page. `decoded` has no fields: there are dozens of them in each, and one packet is looked at a time. */
export type StoredPacket = {
  captured: CapturedPacket;
  decoded: DecodedPacket;
  timeMs: number;
  keptBytes: number;
  control: boolean;
};

/** The packets of one run, within limits: data goes before what begins or ends something does. */
export type PacketStore = {
  /** Takes records (protocol/packet/records.ts) in, and tells what was in them. */
  take(records: Uint8Array): StoredPacket[];
  /** In order of time. */
  packets(): StoredPacket[];
  dropped(): { control: number; data: number };
  clear(): void;
};

/** As many rows as a page shows without growing slow. */
export const MAX_SHOWN_PACKETS = 3_500;
const MAX_KEPT_BYTES = 1024 * 1024;

export function packetStore(): PacketStore {
  const buffer = packetBuffer<StoredPacket>({ packets: MAX_SHOWN_PACKETS, bytes: MAX_KEPT_BYTES });
  let sorted: StoredPacket[] | null = null;
  return {
    take(records) {
      const taken = decodeRecords(records).map(stored);
      for (const packet of taken) buffer.add(packet);
      sorted = null;
      return taken;
    },
    packets() {
      sorted ??= buffer.packets();
      return sorted;
    },
    dropped: buffer.dropped,
    clear() {
      buffer.clear();
      sorted = null;
    },
  };
}

function stored(captured: CapturedPacket): StoredPacket {
  const decoded = decodePacket(captured, LINK_TYPES.linuxCooked2);
  return {
    captured,
    decoded: { ...decoded, fields: [] },
    timeMs: decoded.timeMs,
    keptBytes: captured.bytes.length,
    control: isControl(decoded),
  };
}

/** The packet with all that its bytes mean. */
export function inFull({ captured }: StoredPacket): DecodedPacket {
  return decodePacket(captured, LINK_TYPES.linuxCooked2);
}

/** A file that Wireshark opens. */
export function captureFile(packets: StoredPacket[]): Uint8Array<ArrayBuffer> {
  const longest = packets.reduce((most, { captured }) => Math.max(most, captured.bytes.length), 0);
  return writePcap({
    linkType: LINK_TYPES.linuxCooked2,
    snapBytes: Math.max(longest, 1),
    packets: packets.map(({ captured }) => captured),
  });
}
