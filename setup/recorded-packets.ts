import type { PacketsFrame } from '../protocol/frame.ts';
import { isControl } from '../protocol/packet/control.ts';
import { decodePacket } from '../protocol/packet/decode.ts';
import { packetBuffer } from '../protocol/packet/packet-buffer.ts';
import { type CapturedPacket, LINK_TYPES, PACKET_HEADER_BYTES } from '../protocol/packet/pcap.ts';
import { decodeRecords, encodeRecords } from '../protocol/packet/records.ts';
import type { RecordedEvent } from '../protocol/recording.ts';

/** A hello has 26 packets in less than 3,000 bytes; of a program that sends more, this much is kept. */
const KEPT_BYTES = 4_000;

type Kept = CapturedPacket & { timeMs: number; keptBytes: number; control: boolean; heardAt: number };
type RecordedPackets = Extract<RecordedEvent, { type: 'packets' }>;

/** Keeps packets for a recording: all that begin or end something, and of data as much as there is room for. */
export function recordedPackets(): {
  add(frame: PacketsFrame): void;
  events(run: number): RecordedPackets[];
  /** How many there was no room for. */
  leftOut(): number;
} {
  const buffer = packetBuffer<Kept>({ packets: KEPT_BYTES / PACKET_HEADER_BYTES, bytes: KEPT_BYTES });
  return {
    add({ at, bytes }) {
      for (const packet of decodeRecords(bytes)) {
        const decoded = decodePacket(packet, LINK_TYPES.linuxCooked2);
        const keptBytes = packet.bytes.length + PACKET_HEADER_BYTES;
        buffer.add({ ...packet, timeMs: decoded.timeMs, keptBytes, control: isControl(decoded), heardAt: at });
      }
    },
    leftOut: () => buffer.dropped().control + buffer.dropped().data,
    events(run) {
      const byMoment = Map.groupBy(buffer.packets(), ({ heardAt }) => heardAt);
      return [...byMoment].map(([at, packets]) => {
        return { at, type: 'packets', run, records: Buffer.from(encodeRecords(packets)).toString('base64') };
      });
    },
  };
}
