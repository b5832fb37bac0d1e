import { clockOffsetMs, type PacketReel } from '../recording/packet-reel.ts';
import { type PacketStore, packetStore, type StoredPacket } from './packet-store.ts';

/** The packets of a tape, each at its own time in it: they were told of in batches, some time after they were there. */
export type ReelPackets = {
  /** Those captured until then, in order of time. */
  until(atMs: number): StoredPacket[];
  dropped: PacketStore['dropped'];
};

export function reelPackets(reel: PacketReel): ReelPackets {
  const store = packetStore();
  const batches = reel.batches.flatMap(({ at, bytes }) => {
    const times = store.take(bytes).map(({ timeMs }) => timeMs);
    return times.length === 0 ? [] : [{ at, firstMs: Math.min(...times), lastMs: Math.max(...times) }];
  });
  const packets = store.packets();
  const offsetMs = clockOffsetMs(reel, batches);
  const times = packets.map(({ timeMs }) => Math.min(timeMs + offsetMs, reel.endMs));
  return {
    until: (atMs) => packets.slice(0, times.findLastIndex((time) => time <= atMs) + 1),
    dropped: store.dropped,
  };
}
