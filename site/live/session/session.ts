import type { Condition } from '../../../protocol/condition.ts';
import { decodeFrame, encodeFrame, type PacketsFrame, type TerminalFrame } from '../../../protocol/frame.ts';
import type { RunHost } from '../../../protocol/manifest.ts';
import type { FromPage, FromRunner } from '../../../protocol/message.ts';
import { PROTOCOL } from '../../../protocol/version.ts';
import { acknowledgeTo } from './acknowledge.ts';
import { readMessage } from './from-runner.ts';

/** A page's WebSocket to its runner. Nothing here touches the page: it runs under Node as well. */
export type Session = {
  /** True once the runner took the connection, false when it never will. Never rejects. */
  opened: Promise<boolean>;
  /** Starts a program and returns the number of its run. */
  run(request: RunRequest): number;
  stop(run: number): void;
  resize(run: number, columns: number, rows: number): void;
  input(run: number, bytes: Uint8Array): void;
  /** Switches something in the lab, and takes a lab if there is none. */
  change(condition: Condition): void;
  /** From now on the packets of the client are wanted, or not any more. */
  wantPackets(wanted: boolean): void;
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

export type SessionListener = {
  message(message: FromRunner): void;
  output(frame: TerminalFrame): void;
  packets(frame: PacketsFrame): void;
  /** Told once, unless the page closed the session itself. */
  ended(end: SessionEnd): void;
};

export type SessionEnd =
  | { kind: 'unreachable' }
  | { kind: 'lost'; code: number; reason: string }
  /** The runner sent a frame that is none of this protocol. */
  | { kind: 'not-understood' };

/** A paste travels in pieces, so that no frame grows past what the runner takes. */
const INPUT_PIECE_BYTES = 64 * 1024;
/** RFC 6455, section 7.4.2: codes from 4000 on are for applications. */
const CLOSE_NOT_UNDERSTOOD = 4002;

export function openSession(url: URL, listener: SessionListener): Session {
  const socket = new WebSocket(url, PROTOCOL);
  socket.binaryType = 'arraybuffer';
  const opened = Promise.withResolvers<boolean>();
  const acknowledgers = new Map<number, (bytes: number) => void>();
  let lastRun = 0;
  let lastRequest = 0;
  let over = false;

  const end = (why: SessionEnd) => {
    if (over) return;
    over = true;
    opened.resolve(false);
    listener.ended(why);
  };
  const send = (message: FromPage) => {
    if (socket.readyState === WebSocket.OPEN) socket.send(JSON.stringify(message));
  };
  const hear = (message: FromRunner) => {
    if (message.type === 'run-ended') acknowledgers.delete(message.run);
    listener.message(message);
  };
  let wasOpen = false;
  socket.addEventListener('open', () => {
    wasOpen = true;
    opened.resolve(true);
  });
  socket.addEventListener('close', (event) => {
    end(wasOpen ? { kind: 'lost', code: event.code, reason: event.reason } : { kind: 'unreachable' });
  });
  socket.addEventListener('message', (event: MessageEvent<unknown>) => {
    if (over) return;
    const understood = event.data instanceof ArrayBuffer ? hearFrame(event.data, listener) : hearText(event.data, hear);
    if (understood) return;
    end({ kind: 'not-understood' });
    socket.close(CLOSE_NOT_UNDERSTOOD, 'not understood');
  });

  return {
    opened: opened.promise,
    run(request) {
      const run = ++lastRun;
      acknowledgers.set(
        run,
        acknowledgeTo((bytes) => send({ type: 'acknowledge', run, bytes })),
      );
      send({ type: 'run', run, ...request });
      return run;
    },
    stop: (run) => send({ type: 'stop', run }),
    resize: (run, columns, rows) => send({ type: 'resize', run, columns, rows }),
    input(run, bytes) {
      if (socket.readyState !== WebSocket.OPEN) return;
      for (let start = 0; start < bytes.length; start += INPUT_PIECE_BYTES) {
        const piece = bytes.subarray(start, start + INPUT_PIECE_BYTES);
        socket.send(encodeFrame({ kind: 'input', run, at: 0, bytes: piece }));
      }
    },
    change: (condition) => send({ type: 'condition', request: ++lastRequest, condition }),
    wantPackets: (wanted) => send({ type: 'packets', wanted }),
    takenIn: (run, bytes) => acknowledgers.get(run)?.(bytes),
    close() {
      over = true;
      opened.resolve(false);
      socket.close(1000);
    },
  };
}

/** False for a frame that a runner does not send. */
function hearFrame(data: ArrayBuffer, listener: SessionListener): boolean {
  const frame = decodeFrame(new Uint8Array(data));
  if (frame === null || frame.kind === 'input') return false;
  if (frame.kind === 'packets') listener.packets(frame);
  else listener.output(frame);
  return true;
}

function hearText(data: unknown, hear: (message: FromRunner) => void): boolean {
  const read = readMessage(String(data));
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
