/** What the buffer needs to know of a packet. */
export type BufferedPacket = { timeMs: number; keptBytes: number; control: boolean };

/** Both hold for all packets together. */
export type BufferLimits = { packets: number; bytes: number };

export type PacketBuffer<Packet extends BufferedPacket> = {
  add(packet: Packet): void;
  /** In order of time. */
  packets(): Packet[];
  /** How many are not there any more, or never were. */
  dropped(): { control: number; data: number };
  clear(): void;
};

/**
 * Keeps packets within limits. Where there is no room, the oldest data packet goes. A control packet never goes for a data
 * packet: when only control packets are left, what comes new is not kept, and counted.
 */
export function packetBuffer<Packet extends BufferedPacket>(limits: BufferLimits): PacketBuffer<Packet> {
  let control: Packet[] = [];
  let data: Packet[] = [];
  let keptBytes = 0;
  let dropped = { control: 0, data: 0 };

  const fits = (packet: Packet) => control.length + data.length < limits.packets && keptBytes + packet.keptBytes <= limits.bytes;

  return {
    add(packet) {
      while (!fits(packet)) {
        const oldest = data.shift();
        if (oldest === undefined) {
          dropped[packet.control ? 'control' : 'data'] += 1;
          return;
        }
        keptBytes -= oldest.keptBytes;
        dropped.data += 1;
      }
      (packet.control ? control : data).push(packet);
      keptBytes += packet.keptBytes;
    },
    packets: () => [...control, ...data].sort((one, other) => one.timeMs - other.timeMs),
    dropped: () => ({ ...dropped }),
    clear() {
      control = [];
      data = [];
      keptBytes = 0;
      dropped = { control: 0, data: 0 };
    },
  };
}
