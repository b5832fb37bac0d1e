import { spawn } from 'node:child_process';
import type { CapturedPacket } from '../../protocol/packet/pcap.ts';
import { pcapStream } from '../../protocol/packet/pcap-stream.ts';

/** A tcpdump(8) in a lab that writes packets for this process to read. */
export type Tcpdump = {
  /** Resolves when its filter is in place; rejects when it never was, with what it printed. */
  ready: Promise<void>;
  /** `limit`: it has taken as many packets as it was to take. */
  end(): null | 'limit' | 'stopped' | 'fault';
  /** Its answer comes by the listener's `dropped`, if there is something to tell. */
  askForDropped(): void;
  stop(): Promise<void>;
};

export type TcpdumpListener = {
  packet(packet: CapturedPacket): void;
  /** So many more packets found no room in the kernel's buffer, or were left in it at the end. */
  dropped(more: number): void;
};

/** Room for the longest headers: link 20, IPv6 40, TCP 60; and for the first 40 bytes of what follows. */
export const SNAP_BYTES = 160;

/**
 * tcpdump runs as a child of a shell, since only children are in the lab's pid namespace and end with the lab; then the shell
 * ends too. It hands signals on, and waits again after each: for the rest of the packets, or for the next signal.
 */
const SHELL = `
trap "kill \\$tcpdump" TERM; trap "kill -USR1 \\$tcpdump" USR1
tcpdump "$@" & tcpdump=$!
while kill -0 $tcpdump 2>/dev/null; do wait $tcpdump; status=$?; done
exit $status`;
const UNDER_SHELL = ['/bin/sh', '-c', SHELL, 'sh'];

/** One packet at a time, as soon as it comes; `-Z root` since the lab has no other user to become. */
const TCPDUMP_ARGS = [
  ...['--interface', 'any', '--immediate-mode', '--packet-buffered', '--time-stamp-precision', 'nano', '-n', '-Z', 'root'],
  ...['--snapshot-length', String(SNAP_BYTES), '-w', '-'],
];

/** It starts in a tenth of a second, and ends as fast. One that does not is broken: a run is not held back for it. */
const START_TIMEOUT_MS = 5_000;
const STOP_TIMEOUT_MS = 1_000;
const CATCH_UP_MS = 500;
const CATCH_UP_POLL_MS = 20;

/** How much of tcpdump's messages is kept for an error, and for a line that has not ended. */
const MESSAGE_BYTES = 4_096;

/** @param enter the argument vector that starts a program in the lab, given by its absolute path */
export function startTcpdump(enter: string[], args: string[], listener: TcpdumpListener): Tcpdump {
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
  let hasPackets = false;
  let wasStopped = false;
  let end: ReturnType<Tcpdump['end']> = null;
  let dropped = 0;
  let onCounts: (counts: Counts) => void = () => {};
  const noteDropped = (now: number) => {
    if (now <= dropped) return;
    listener.dropped(now - dropped);
    dropped = now;
  };
  const hearMessages = (chunk: Buffer) => {
    messages = (messages + chunk.toString()).slice(-MESSAGE_BYTES);
    const counts = countsIn(messages);
    if (counts === null) return;
    noteDropped(counts.dropped);
    onCounts(counts);
  };
  child.stderr.on('data', hearMessages);
  const onPacket = (packet: CapturedPacket) => {
    hasPackets = true;
    listener.packet(packet);
  };
  const askForCounts = () => {
    // Before its first packet it may not wait for the signal yet, which would end it.
    if (hasPackets && end === null) child.kill('SIGUSR1');
  };
  /** tcpdump leaves behind what it has not read when it is told to stop. A busy machine may be behind. */
  const caughtUp = async (): Promise<void> => {
    const { promise, resolve } = Promise.withResolvers<void>();
    onCounts = (counts) => (unread(counts) > 0 ? setTimeout(askForCounts, CATCH_UP_POLL_MS) : resolve());
    const givingUp = setTimeout(resolve, CATCH_UP_MS);
    askForCounts();
    await Promise.race([promise, ended]);
    clearTimeout(givingUp);
  };
  const onDamaged = (what: string) => {
    messages += what;
    child.kill('SIGTERM');
  };
  // The header of the file comes when the filter is in place and packets are being counted.
  child.stdout.on('data', pcapStream({ onHeader: () => onReady(), onPacket, onDamaged }));
  child.once('error', (cause) => onFailed(new Error('tcpdump could not be started', { cause })));
  child.once('close', (code) => {
    end ??= endOf(code, wasStopped);
    const counts = countsIn(messages);
    if (wasStopped && counts !== null) noteDropped(counts.dropped + unread(counts));
    // Without effect once it was ready.
    onFailed(new Error(`tcpdump ended before its first packet: ${messages.trim()}`));
    onEnded();
  });
  ready.catch(() => {});
  return {
    ready,
    end: () => end,
    askForDropped: askForCounts,
    async stop() {
      if (hasPackets && end === null) await caughtUp();
      wasStopped = true;
      child.kill('SIGTERM');
      const stopping = setTimeout(() => {
        end ??= 'fault';
        child.kill('SIGKILL');
        // tcpdump itself ends with the lab, and may hold the pipe until then.
        onEnded();
      }, STOP_TIMEOUT_MS);
      await ended;
      clearTimeout(stopping);
    },
  };
}

function endOf(exitCode: number | null, wasStopped: boolean): 'limit' | 'stopped' | 'fault' {
  if (wasStopped) return 'stopped';
  return exitCode === 0 ? 'limit' : 'fault';
}

/** Packets since it began: written, that passed the filter, and of those that found no room. */
type Counts = { captured: number; received: number; dropped: number };

const unread = ({ captured, received, dropped }: Counts) => Math.max(0, received - dropped - captured);

/** What it says when it gets SIGUSR1, in a line, and at its end, in three (pcap_stats(3PCAP)). The latest counts. */
export function countsIn(messages: string): Counts | null {
  const found = [
    ...messages.matchAll(/(\d+) packets? captured,?\s+(\d+) packets? received by filter,?\s+(\d+) packets? dropped by kernel/g),
  ].at(-1);
  if (found === undefined) return null;
  const [captured = 0, received = 0, dropped = 0] = found.slice(1).map(Number);
  return { captured, received, dropped };
}
