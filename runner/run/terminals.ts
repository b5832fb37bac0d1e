import { type ChildProcess, spawn } from 'node:child_process';
import { constants } from 'node:os';
import { recordReader, recordsTo } from './relay-records.ts';

export type TerminalSize = { columns: number; rows: number };

/** Starts programs on terminals of their own, all by one pty-relay (see pty-relay.c), which is started when it is needed. */
export type Terminals = {
  open(plan: TerminalPlan, on: TerminalListener): Terminal;
  /** Ends the relay, and the terminals with it. */
  close(): Promise<void>;
};

/** `argv` begins with a path: nothing is searched for. */
export type TerminalPlan = { argv: string[]; size: TerminalSize };

export type TerminalListener = {
  /** What was printed. The bytes are the listener's own. */
  output(bytes: Buffer): void;
  /** The last call: the process ended, or could not be started. */
  ended(why: string): void;
};

export type Terminal = {
  /** What is typed. A program that reads nothing has at most TYPED_BYTES waiting; false when some of it is beyond, and lost. */
  input(bytes: Uint8Array): boolean;
  resize(size: TerminalSize): void;
  /** Output is not read until `resume`: the kernel then holds the program at its next write. */
  pause(): void;
  resume(): void;
  /** Kills the process at once, and reads no further: nothing is told of it any more. */
  close(): void;
  /** Tells the process that was started; one that has ended takes no notice. */
  signal(name: NodeJS.Signals): void;
};

/** As much as the largest paste that a page sends. */
export const TYPED_BYTES = 2 * 1024 * 1024;
/** Of one request. */
const INPUT_BYTES = 32 * 1024;

/** All that a program could find out about the runner: nothing. */
const HOST_ENVIRONMENT = { PATH: '/usr/sbin:/usr/bin:/sbin:/bin', TERM: 'xterm-256color' };

/** What the relay is asked for, and what it reports, by the numbers of pty-relay.c. */
const REQUEST = { start: 1, input: 2, resize: 3, pause: 4, resume: 5, signal: 6, close: 7 } as const;
const REPORT = { output: 1, exited: 2, taken: 3 } as const;

type Opened = { on: TerminalListener; taken(): void };

type Relay = {
  process: ChildProcess;
  ask(run: number, kind: number, payload?: Uint8Array): void;
};

export function openTerminals(relayProgram: string): Terminals {
  const opened = new Map<number, Opened>();
  let relay: Relay | null = null;
  let last = 0;

  const startRelay = (): Relay => {
    const child = spawn(relayProgram, [], { cwd: '/', env: HOST_ENVIRONMENT, stdio: ['pipe', 'pipe', 'inherit'] });
    const started: Relay = { process: child, ask: recordsTo(child.stdin) };
    // Every terminal has an owner that waits for it. The relay itself keeps no process alive.
    for (const handle of [child, child.stdin, child.stdout]) unref(handle);
    const over = (why: string) => {
      if (relay !== started) return;
      relay = null;
      const lost = [...opened.values()];
      opened.clear();
      for (const { on } of lost) on.ended(why);
    };
    child.once('error', (error) => over(`the relay of terminals could not be started: ${error.message}`));
    child.once('close', (code, signal) => over(`the relay of terminals ended (${signal ?? `status ${code}`})`));
    // Its end is told by `close`.
    child.stdin.on('error', () => {});
    child.stdout.on('data', recordReader({ parts: REPORT.output, onPart, onRecord }));
    return started;
  };
  const onPart = (run: number, bytes: Buffer) => opened.get(run)?.on.output(bytes);
  const onRecord = (run: number, kind: number, payload: Buffer) => {
    const found = opened.get(run);
    if (kind === REPORT.taken) found?.taken();
    if (kind !== REPORT.exited) return;
    opened.delete(run);
    found?.on.ended(endOf(payload));
  };

  return {
    open({ argv, size }, on) {
      relay ??= startRelay();
      const { ask } = relay;
      const run = nextNumber(last);
      last = run;
      const typed = typedQueue((bytes) => ask(run, REQUEST.input, bytes));
      opened.set(run, { on, taken: typed.taken });
      ask(run, REQUEST.start, Buffer.concat([sizeOf(size), Buffer.from(argv.map((argument) => `${argument}\0`).join(''))]));
      return {
        input: typed.add,
        resize: (wanted) => ask(run, REQUEST.resize, sizeOf(wanted)),
        pause: () => ask(run, REQUEST.pause),
        resume: () => ask(run, REQUEST.resume),
        close() {
          if (opened.delete(run)) ask(run, REQUEST.close);
        },
        signal: (name) => ask(run, REQUEST.signal, Uint8Array.of(constants.signals[name])),
      };
    },
    async close() {
      const { promise, resolve } = Promise.withResolvers<void>();
      const closing = relay?.process;
      if (closing === undefined) return;
      closing.ref();
      closing.once('close', () => resolve());
      closing.stdin?.end();
      await promise;
    },
  };
}

/** Gives to the terminal piece by piece, the next one when the last was taken. */
function typedQueue(give: (bytes: Uint8Array) => void): { add(bytes: Uint8Array): boolean; taken(): void } {
  const waiting: Uint8Array[] = [];
  let waitingBytes = 0;
  let isGiven = false;

  const giveNext = () => {
    const [first] = waiting;
    isGiven = first !== undefined;
    if (first === undefined) return;
    const piece = first.subarray(0, INPUT_BYTES);
    if (piece.length === first.length) waiting.shift();
    else waiting[0] = first.subarray(INPUT_BYTES);
    waitingBytes -= piece.length;
    give(piece);
  };
  return {
    add(bytes) {
      const room = TYPED_BYTES - waitingBytes;
      const kept = bytes.length <= room ? bytes : bytes.subarray(0, room);
      if (kept.length > 0) {
        waiting.push(kept);
        waitingBytes += kept.length;
        if (!isGiven) giveNext();
      }
      return kept.length === bytes.length;
    },
    taken: giveNext,
  };
}

function sizeOf({ columns, rows }: TerminalSize): Uint8Array {
  return new Uint8Array(Uint16Array.of(columns, rows).buffer);
}

/** A wait status (waitpid(2)), or -1 and errno. */
function endOf(payload: Buffer): string {
  const status = payload.readInt32LE(0);
  if (status === -1) return `it could not be started (errno ${payload.readInt32LE(4)})`;
  const signal = status & 0x7f;
  return signal === 0 ? `status ${status >> 8}` : `signal ${signal}`;
}

/** Never 0, and far from those that are open. */
function nextNumber(last: number): number {
  return last === 0xffff_ffff ? 1 : last + 1;
}

function unref(handle: object | null): void {
  if (handle !== null && 'unref' in handle && typeof handle.unref === 'function') handle.unref();
}
