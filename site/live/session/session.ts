import type { Condition } from '../../../protocol/condition.ts';
import { decodeFrame, encodeFrame, FRAME_HEADER_BYTES, type PacketsFrame, type TerminalFrame } from '../../../protocol/frame.ts';
import type { LineFrame } from '../../../protocol/line.ts';
import type { RunHost } from '../../../protocol/manifest.ts';
import type { FromPage, FromRunner } from '../../../protocol/message.ts';
import type { HostName } from '../../../protocol/topology.ts';
import { acknowledgeTo } from './acknowledge.ts';
import { openConnection, type SessionEnd, type Wake } from './connection.ts';
import { readMessage } from './from-runner.ts';

/** A page's conversation with its runner. Nothing here touches the page: it runs under Node as well. */
export type Session = {
  /** True once the runner took the connection, false when it never will. Never rejects. */
  opened: Promise<boolean>;
  /** Starts a program and returns the number of its run. */
  run(request: RunRequest): number;
  /** Opens a shell on a host of the lab and returns its number, one of the runs'. */
  shell(request: ShellRequest): number;
  /** Ends all runs and shells, and takes a fresh lab. */
  freshLab(): void;
  stop(run: number): void;
  resize(run: number, columns: number, rows: number): void;
  input(run: number, bytes: Uint8Array): void;
  /** Switches something in the lab, and takes a lab if there is none. */
  change(condition: Condition): void;
  /** From now on the packets of the client are wanted, or not any more. */
  wantPackets(wanted: boolean): void;
  /** From now on the output of `ss` and `ip mptcp` is wanted, or not any more. */
  wantToolTexts(wanted: boolean): void;
  /** The terminal of this run has taken in so many more bytes of output. */
  takenIn(run: number, bytes: number): void;
  /** Ends the session and with it all that runs in its lab. The listener hears nothing more. */
  close(): void;
};

export type RunRequest = {
  snippet: string;
  host: RunHost;
  /** Edited files by name. */
  files: Record<string, string>;
  columns: number;
  rows: number;
};

export type ShellRequest = { host: HostName; snippets: string[]; columns: number; rows: number };

export type SessionListener = {
  message(message: FromRunner): void;
  output(frame: TerminalFrame): void;
  packets(frame: PacketsFrame): void;
  /** The network is lost; what is done meanwhile is kept and carried out later. Or it is there again. */
  away(isAway: boolean): void;
  /** So much waits for the network that what was just asked for or typed could not be kept. */
  full(): void;
  /** Told once, unless the page closed the session itself. */
  ended(end: SessionEnd): void;
};

/** A paste travels in pieces, so that no frame grows past what the runner takes. */
const INPUT_PIECE_BYTES = 64 * 1024;

export function openSession(at: (path: string) => URL, listener: SessionListener, wake: Wake): Session {
  const acknowledgers = new Map<number, (bytes: number) => void>();
  let lastRun = 0;
  let lastRequest = 0;

  const hear = (message: FromRunner) => {
    if (message.type === 'welcome') connection.keepTicket(message.resume);
    if (message.type === 'run-ended' || message.type === 'shell-ended') acknowledgers.delete(message.run);
    listener.message(message);
  };
  const { away, ended } = listener;
  const frame = (heard: LineFrame) => {
    const isUnderstood = typeof heard === 'string' ? hearText(heard, hear) : hearFrame(heard, listener);
    if (!isUnderstood) connection.giveUp();
  };
  const connection = openConnection(at, { frame, away, ended }, wake);
  const send = (message: FromPage) => {
    if (!connection.send(JSON.stringify(message))) listener.full();
  };
  const nextRun = (): number => {
    const run = ++lastRun;
    acknowledgers.set(
      run,
      acknowledgeTo((bytes) => send({ type: 'acknowledge', run, bytes })),
    );
    return run;
  };

  return {
    opened: connection.opened,
    run(request) {
      const run = nextRun();
      send({ type: 'run', run, ...request });
      return run;
    },
    shell(request) {
      const run = nextRun();
      send({ type: 'shell', run, ...request });
      return run;
    },
    freshLab: () => send({ type: 'fresh-lab' }),
    stop: (run) => send({ type: 'stop', run }),
    resize: (run, columns, rows) => send({ type: 'resize', run, columns, rows }),
    input(run, bytes) {
      // Half a paste would be another one.
      if (bytes.length + Math.ceil(bytes.length / INPUT_PIECE_BYTES) * FRAME_HEADER_BYTES > connection.roomBytes()) {
        return listener.full();
      }
      for (let start = 0; start < bytes.length; start += INPUT_PIECE_BYTES) {
        const piece = bytes.subarray(start, start + INPUT_PIECE_BYTES);
        connection.send(encodeFrame({ kind: 'input', run, at: 0, bytes: piece }));
      }
    },
    change: (condition) => send({ type: 'condition', request: ++lastRequest, condition }),
    wantPackets: (wanted) => send({ type: 'packets', wanted }),
    wantToolTexts: (wanted) => send({ type: 'tool-texts', wanted }),
    takenIn: (run, bytes) => acknowledgers.get(run)?.(bytes),
    close: connection.close,
  };
}

/** False for a frame that a runner does not send. */
function hearFrame(encoded: Uint8Array, listener: SessionListener): boolean {
  const frame = decodeFrame(encoded);
  if (frame === null || frame.kind === 'input') return false;
  if (frame.kind === 'packets') listener.packets(frame);
  else listener.output(frame);
  return true;
}

function hearText(text: string, hear: (message: FromRunner) => void): boolean {
  const read = readMessage(text);
  switch (read.kind) {
    case 'known':
      hear(read.message);
      return true;
    case 'newer':
      return true;
    case 'malformed':
      return false;
  }
}
