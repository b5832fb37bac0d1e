import { spawn } from 'node:child_process';
import { isControl } from '../../protocol/packet/control.ts';
import { type DecodedPacket, decodePacket } from '../../protocol/packet/decode.ts';
import { type PacketBuffer, packetBuffer } from '../../protocol/packet/packet-buffer.ts';
import { type Capture, type CapturedPacket, LINK_TYPES } from '../../protocol/packet/pcap.ts';
import { pcapStream } from '../../protocol/packet/pcap-stream.ts';
import { CONTROL_PACKETS, DATA_PACKETS } from './capture-filter.ts';

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
   * CONTROL_PACKETS_A_RUN, and that none was captured since then.
   */
  kept(): { capture: Capture; dropped: { control: number; data: number }; limitReached: boolean };
  /** The interfaces of the client by their index, as packets name them. */
  interfaces: Map<number, string>;
  close(): Promise<void>;
};

/** Room for the longest headers: link 20, IPv6 40, TCP 60; and for the first 40 bytes of what follows. */
export const SNAP_BYTES = 160;
/** Data packets that one look takes. */
export const DATA_PACKETS_A_LOOK = 400;
/** A program that does nothing but connect makes thousands a second: more would keep the runner from its other labs. */
export const CONTROL_PACKETS_A_RUN = 3_000;
export const KEPT_PACKETS = 4_000;
/** Bytes of kept packets, without the bookkeeping of this program. */
export const KEPT_BYTES = 512 * 1024;
/** Room in the kernel for packets that tcpdump has not read yet, in KiB: more than CONTROL_PACKETS_A_RUN, so that none is lost. */
const KERNEL_BUFFER_KIB = 2048;

type Kept = CapturedPacket & { timeMs: number; keptBytes: number; control: boolean };

/**
 * Starts capturing; when it resolves, no control packet that follows is missed, and a first look at data goes on.
 *
 * @param onPacket each packet as it comes; data and control packets may overtake each other by milliseconds
 * @throws Error when tcpdump does not start, with what it printed
 */
export async function openCapture(
  lab: CapturedLab,
  onPacket: (packet: CapturedPacket, decoded: DecodedPacket) => void = () => {},
): Promise<PacketCapture> {
  const buffer: PacketBuffer<Kept> = packetBuffer({ packets: KEPT_PACKETS, bytes: KEPT_BYTES });
  const take = (packet: CapturedPacket) => {
    const decoded = decodePacket(packet, LINK_TYPES.linuxCooked2);
    buffer.add({ ...packet, timeMs: decoded.timeMs, keptBytes: packet.bytes.length, control: isControl(decoded) });
    onPacket(packet, decoded);
  };

  const interfaces = parseInterfaceIndexes(await lab.execute('client', 'ip -oneline link'));
  const start = (args: string[]) => startTcpdump(lab.enterToObserve('client'), args, take);
  const startControl = () => start(['-c', String(CONTROL_PACKETS_A_RUN), CONTROL_PACKETS]);
  let control = startControl();
  let look: Tcpdump | null = null;
  const lookAtData = async (): Promise<void> => {
    if (look === null || look.over()) look = start(['-c', String(DATA_PACKETS_A_LOOK), DATA_PACKETS]);
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
      if (control.over()) control = startControl();
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
      limitReached: control.limitReached(),
    }),
    close,
    [Symbol.asyncDispose]: close,
  };
}

/** Lines of `ip -oneline link` (ip-link(8)): `2: wifi@if11: <BROADCAST,...`. */
export function parseInterfaceIndexes(text: string): Map<number, string> {
  const found = text.matchAll(/^(\d+): ([^:@\s]+)/gm);
  return new Map(Array.from(found, ([, index, name]) => [Number(index), name ?? '']));
}

type Tcpdump = { ready: Promise<void>; over(): boolean; limitReached(): boolean; stop(): Promise<void> };

/**
 * tcpdump runs as a child of a shell, since only children are in the lab's pid namespace and end with the lab; then the shell
 * ends too. It hands the wish to stop on, and waits a second time for the rest of the packets.
 */
const SHELL = 'trap "kill \\$tcpdump" TERM; tcpdump "$@" & tcpdump=$!; wait $tcpdump; wait $tcpdump';
const UNDER_SHELL = ['/bin/sh', '-c', SHELL, 'sh'];

/** One packet at a time, as soon as it comes; `-Z root` since the lab has no other user to become. */
const TCPDUMP_ARGS = [
  ...['--interface', 'any', '--immediate-mode', '--packet-buffered', '--time-stamp-precision', 'nano', '-n', '-Z', 'root'],
  ...['--snapshot-length', String(SNAP_BYTES), '--buffer-size', String(KERNEL_BUFFER_KIB), '-w', '-'],
];

/** It starts in a tenth of a second, and ends as fast. One that does not is broken: a run is not held back for it. */
const START_TIMEOUT_MS = 5_000;
const STOP_TIMEOUT_MS = 1_000;

/** How much of tcpdump's messages is kept for an error. */
const MESSAGE_BYTES = 4_096;

function startTcpdump(enter: string[], args: string[], onPacket: (packet: CapturedPacket) => void): Tcpdump {
  const [program = '', ...rest] = [...enter, ...UNDER_SHELL, ...TCPDUMP_ARGS, ...args];
  const child = spawn(program, rest, {
    env: { PATH: '/usr/sbin:/usr/bin:/sbin:/bin' },
    cwd: '/',
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const { promise: ready, resolve: onReady, reject: onFailed } = Promise.withResolvers<void>();
  const { promise: ended, resolve: onEnded } = Promise.withResolvers<void>();
  const starting = setTimeout(() => {
    onFailed(new Error(`tcpdump captured nothing within ${START_TIMEOUT_MS} ms: ${messages.trim()}`));
    child.kill('SIGKILL');
  }, START_TIMEOUT_MS);
  ready.finally(() => clearTimeout(starting)).catch(() => {});
  let messages = '';
  let over = false;
  let stopped = false;
  child.stderr.on('data', (chunk: Buffer) => {
    if (messages.length < MESSAGE_BYTES) messages += chunk.toString();
  });
  // The header of the file comes when the filter is in place and packets are being counted.
  const onDamaged = (what: string) => {
    messages += what;
    child.kill('SIGTERM');
  };
  child.stdout.on('data', pcapStream({ onHeader: () => onReady(), onPacket, onDamaged }));
  child.once('error', (cause) => onFailed(new Error('tcpdump could not be started', { cause })));
  child.once('close', () => {
    over = true;
    // Without effect once it was ready.
    onFailed(new Error(`tcpdump ended before its first packet: ${messages.trim()}`));
    onEnded();
  });
  ready.catch(() => {});
  return {
    ready,
    over: () => over,
    limitReached: () => over && !stopped,
    async stop() {
      stopped = true;
      child.kill('SIGTERM');
      const stopping = setTimeout(() => {
        child.kill('SIGKILL');
        // tcpdump itself ends with the lab, and may hold the pipe until then.
        onEnded();
      }, STOP_TIMEOUT_MS);
      await ended;
      clearTimeout(stopping);
    },
  };
}
