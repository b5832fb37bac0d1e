import { writeSync } from 'node:fs';
import { ReadStream } from 'node:tty';
import { type IPty, spawn } from 'node-pty';
import { FLOOD_PIECE_BYTES, readOn } from './read-on.ts';
import { type Terminal, type TerminalListener, type TerminalPlan, TYPED_BYTES } from './terminal.ts';

/** `taken`: the terminal took so many bytes more of what was typed, or nobody is there to read them. */
export type PtyListener = TerminalListener & { taken(bytes: number): void };

/** All that a program could find out about the runner: nothing. */
const HOST_ENVIRONMENT = { PATH: '/usr/sbin:/usr/bin:/sbin:/bin', TERM: 'xterm-256color' };

export function startOnPty({ argv, size }: TerminalPlan, on: PtyListener): Terminal {
  const [file = '', ...args] = argv;
  const pty = spawn(file, args, {
    cols: size.columns,
    rows: size.rows,
    cwd: '/',
    env: HOST_ENVIRONMENT,
    encoding: null,
  });
  let isOver = false;
  let isPaused = false;
  const openDescriptor = openDescriptorOf(pty);
  const gathered = gather((bytes) => isOver || on.output(bytes));
  const typed = typedQueue(openDescriptor, on.taken);
  const take = (piece: Buffer): boolean => {
    if (!isOver) gathered.add(piece);
    return !isOver && !isPaused;
  };
  pty.onData((data: unknown) => {
    const piece = toBytes(data);
    if (take(piece) && piece.length >= FLOOD_PIECE_BYTES) readOn(openDescriptor, GATHERED_BYTES, take);
  });
  pty.onExit(({ exitCode, signal }) => {
    typed.close();
    gathered.flush();
    if (isOver) return;
    isOver = true;
    on.ended(signal === undefined || signal === 0 ? `status ${exitCode}` : `signal ${signal}`);
  });
  /** After its end, the number may be another process's. */
  const tell = (name: NodeJS.Signals) => isOver || pty.kill(name);

  return {
    input: typed.add,
    resize: ({ columns, rows }) => isOver || pty.resize(columns, rows),
    pause() {
      isPaused = true;
      pty.pause();
    },
    resume() {
      isPaused = false;
      pty.resume();
    },
    close() {
      tell('SIGKILL');
      isOver = true;
      typed.close();
    },
    signal: tell,
  };
}

/** A frame of a flood. The kernel gives at most 4 KiB of it at a time. */
const GATHERED_BYTES = 64 * 1024;
const GATHER_MS = 1;

/** Passes a little on at once, and gathers what follows within a millisecond: each piece costs a frame, at both ends. */
function gather(give: (bytes: Buffer) => void): { add(bytes: Buffer): void; flush(): void } {
  let pieces: Buffer[] = [];
  let bytes = 0;
  let gaveAtMs = Number.NEGATIVE_INFINITY;
  let timer: NodeJS.Timeout | undefined;

  const flush = () => {
    clearTimeout(timer);
    timer = undefined;
    if (bytes === 0) return;
    const [only] = pieces;
    const whole = pieces.length === 1 && only !== undefined ? only : Buffer.concat(pieces, bytes);
    pieces = [];
    bytes = 0;
    gaveAtMs = performance.now();
    give(whole);
  };
  return {
    add(piece) {
      pieces.push(piece);
      bytes += piece.length;
      if (bytes >= GATHERED_BYTES || (timer === undefined && performance.now() >= gaveAtMs + GATHER_MS)) return flush();
      timer ??= setTimeout(flush, GATHER_MS);
    },
    flush,
  };
}

/** A program that does not read what is typed is looked at again so often; one that reads, as soon as can be. */
const TYPED_LOOK_MS = { reading: 0, idle: 10 };

/**
 * Writes to the terminal as much as it takes, the rest a little later. node-pty's own queue has no bound, and asks again and
 * again without a pause while a program reads nothing.
 */
function typedQueue(
  openDescriptor: () => number | null,
  taken: (bytes: number) => void,
): { add(bytes: Uint8Array): boolean; close(): void } {
  let waiting: Uint8Array[] = [];
  let waitingBytes = 0;
  let timer: NodeJS.Timeout | undefined;
  let isClosed = false;

  const write = () => {
    timer = undefined;
    for (let [first] = waiting; first !== undefined; [first] = waiting) {
      const written = writeNow(openDescriptor(), first);
      waitingBytes -= written;
      if (written > 0) taken(written);
      if (written === first.length) waiting.shift();
      else {
        waiting[0] = first.subarray(written);
        timer = setTimeout(write, written > 0 ? TYPED_LOOK_MS.reading : TYPED_LOOK_MS.idle);
        return;
      }
    }
  };
  return {
    add(bytes) {
      if (isClosed) return true;
      const kept = bytes.subarray(0, TYPED_BYTES - waitingBytes);
      if (kept.length > 0) {
        waiting.push(kept);
        waitingBytes += kept.length;
        if (timer === undefined) write();
      }
      return kept.length === bytes.length;
    },
    close() {
      isClosed = true;
      waiting = [];
      clearTimeout(timer);
    },
  };
}

/** How much the terminal took just now; the descriptor does not block (O_NONBLOCK). */
function writeNow(descriptor: number | null, bytes: Uint8Array): number {
  if (descriptor === null) return bytes.length;
  try {
    return writeSync(descriptor, bytes);
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'EAGAIN') return 0;
    // Its program has just ended (EIO): nobody will read it.
    return bytes.length;
  }
}

/**
 * The terminal's master side, which node-pty has and its types do not tell; `null` once its stream is closed. That comes
 * before node-pty tells the end, and meanwhile the number may be that of another terminal, or of a socket.
 */
function openDescriptorOf(pty: IPty): () => number | null {
  const descriptor: unknown = Reflect.get(pty, 'fd');
  const stream: unknown = Reflect.get(pty, '_socket');
  if (typeof descriptor !== 'number' || !(stream instanceof ReadStream)) {
    throw new Error('node-pty: expected a terminal with a descriptor "fd" and its stream "_socket", found none');
  }
  return () => (stream.destroyed ? null : descriptor);
}

/** With `encoding: null` node-pty gives buffers, though its types say strings. */
function toBytes(data: unknown): Buffer {
  if (data instanceof Buffer) return data;
  throw new Error(`node-pty: expected bytes, found ${typeof data}`);
}
