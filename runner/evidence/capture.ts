import { isControl } from '../../protocol/packet/control.ts';
import { type DecodedPacket, decodePacket } from '../../protocol/packet/decode.ts';
import { type PacketBuffer, packetBuffer } from '../../protocol/packet/packet-buffer.ts';
import { type Capture, type CapturedPacket, LINK_TYPES } from '../../protocol/packet/pcap.ts';
import { CONTROL_PACKETS, DATA_PACKETS } from './capture-filter.ts';
import { SNAP_BYTES, startTcpdump, type Tcpdump } from './tcpdump.ts';

/** What a capture needs of a lab. */
export type CapturedLab = {
  /** The argument vector that starts a program on the client, given by its absolute path. */
  enterToObserve(host: 'client'): string[];
  execute(host: 'client', command: string): Promise<string>;
};

/** The packets of a lab's client on all its interfaces. It costs something only while it is open. */
export type PacketCapture = AsyncDisposable & {
  /** For a new run: forgets what was kept, starts again what had come to its limit, and looks at data. */
  begin(): Promise<void>;
  /** Data packets too, from now on, but so many only (DATA_PACKETS_A_LOOK). Does nothing while such a look goes on. */
  lookAtData(): Promise<void>;
  /**
   * What is kept, as a file for download. `dropped` says what there was no room for; `limitReached` that there were
   * CONTROL_PACKETS_A_RUN, and that none was captured since then; `failed` that tcpdump ended by a fault.
   */
  kept(): { capture: Capture; dropped: { control: number; data: number }; limitReached: boolean; failed: boolean };
  /** Packets since `begin` for which the kernel's buffer had no room, as far as the kernel was asked. */
  droppedByKernel(): number;
  /** Asks the kernel how many it dropped; `onDropped` is called when there are more. Costs a signal. */
  askForDropped(): void;
  /** The interfaces of the client by their index, as packets name them. */
  interfaces: Map<number, string>;
  close(): Promise<void>;
};

/** Data packets that one look takes. */
export const DATA_PACKETS_A_LOOK = 400;
/** A program that does nothing but connect makes thousands a second: more would keep the runner from its other labs. */
export const CONTROL_PACKETS_A_RUN = 3_000;
export const KEPT_PACKETS = 4_000;
/** Bytes of kept packets, without the bookkeeping of this program. */
export const KEPT_BYTES = 512 * 1024;
/** Room in the kernel for packets that tcpdump has not read yet, in KiB: more than CONTROL_PACKETS_A_RUN, so that none is lost. */
export const KERNEL_BUFFER_KIB = 2048;

type Kept = CapturedPacket & { timeMs: number; keptBytes: number; control: boolean };

export type CaptureSettings = {
  /** Each packet as it comes; data and control packets may overtake each other by milliseconds. */
  onPacket?: (packet: CapturedPacket, decoded: DecodedPacket) => void;
  /** The kernel has dropped more packets than were known of. */
  onDropped?: () => void;
  kernelBufferKib?: number;
};

/**
 * Starts capturing; when it resolves, no control packet that follows is missed, and a first look at data goes on.
 *
 * @throws Error when tcpdump does not start, with what it printed
 */
export async function openCapture(
  lab: CapturedLab,
  { onPacket = () => {}, onDropped = () => {}, kernelBufferKib = KERNEL_BUFFER_KIB }: CaptureSettings = {},
): Promise<PacketCapture> {
  const buffer: PacketBuffer<Kept> = packetBuffer({ packets: KEPT_PACKETS, bytes: KEPT_BYTES });
  const take = (packet: CapturedPacket) => {
    const decoded = decodePacket(packet, LINK_TYPES.linuxCooked2);
    buffer.add({ ...packet, timeMs: decoded.timeMs, keptBytes: packet.bytes.length, control: isControl(decoded) });
    onPacket(packet, decoded);
  };

  const interfaces = parseInterfaceIndexes(await lab.execute('client', 'ip -oneline link'));
  let droppedByKernel = 0;
  const start = (args: string[]) =>
    startTcpdump(lab.enterToObserve('client'), ['--buffer-size', String(kernelBufferKib), ...args], {
      packet: take,
      dropped(more) {
        droppedByKernel += more;
        onDropped();
      },
    });
  const startControl = () => start(['-c', String(CONTROL_PACKETS_A_RUN), CONTROL_PACKETS]);
  let control = startControl();
  let look: Tcpdump | null = null;
  const lookAtData = async (): Promise<void> => {
    if (look === null || look.end() !== null) look = start(['-c', String(DATA_PACKETS_A_LOOK), DATA_PACKETS]);
    await look.ready;
  };
  const close = async (): Promise<void> => {
    await Promise.all([control.stop(), look?.stop()]);
  };
  await Promise.all([control.ready, lookAtData()]).catch(async (cause) => {
    await close();
    throw cause;
  });

  return {
    interfaces,
    async begin() {
      buffer.clear();
      droppedByKernel = 0;
      if (control.end() !== null) control = startControl();
      await Promise.all([control.ready, lookAtData()]);
    },
    lookAtData,
    kept: () => ({
      capture: {
        linkType: LINK_TYPES.linuxCooked2,
        snapBytes: SNAP_BYTES,
        packets: buffer
          .packets()
          .map(({ seconds, nanoseconds, wireBytes, bytes }) => ({ seconds, nanoseconds, wireBytes, bytes })),
      },
      dropped: buffer.dropped(),
      limitReached: control.end() === 'limit',
      failed: control.end() === 'fault',
    }),
    droppedByKernel: () => droppedByKernel,
    askForDropped() {
      control.askForDropped();
      look?.askForDropped();
    },
    close,
    [Symbol.asyncDispose]: close,
  };
}

/** Lines of `ip -oneline link` (ip-link(8)): `2: wifi@if11: <BROADCAST,...`. */
export function parseInterfaceIndexes(text: string): Map<number, string> {
  const found = text.matchAll(/^(\d+): ([^:@\s]+)/gm);
  return new Map(Array.from(found, ([, index, name]) => [Number(index), name ?? '']));
}
