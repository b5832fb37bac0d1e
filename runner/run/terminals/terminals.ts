import { type ChildProcess, spawn } from 'node:child_process';
import { join } from 'node:path';
import { Duplex } from 'node:stream';
import { FROM_HOST, recordReader, sendRecord, TO_HOST } from './records.ts';
import { type Terminal, type TerminalListener, type TerminalPlan, TYPED_BYTES } from './terminal.ts';

/** Terminals in a process of their own: to start a program costs the runner nothing, however big it has become. */
export type Terminals = {
  open(plan: TerminalPlan, on: TerminalListener): Terminal;
  /** Ends the process, and with it what still runs on a terminal. */
  close(): Promise<void>;
};

/** The process is started at once; should it end, another one takes its place with the next terminal. */
export function openTerminals(): Terminals {
  let host = startHost();
  let lastId = 0;
  return {
    open(plan, on) {
      if (host.hasEnded()) host = startHost();
      return host.open(++lastId, plan, on);
    },
    close: () => host.close(),
  };
}

type Host = {
  hasEnded(): boolean;
  open(id: number, plan: TerminalPlan, on: TerminalListener): Terminal;
  close(): Promise<void>;
};

function startHost(): Host {
  const child = spawn(process.execPath, [join(import.meta.dirname, 'host.ts')], {
    stdio: ['ignore', 'ignore', 'inherit', 'pipe'],
    // Where TypeScript is kept compiled, the compiler's 12 MB need not be loaded.
    env: { NODE_COMPILE_CACHE: process.env['NODE_COMPILE_CACHE'] ?? '' },
    cwd: '/',
  });
  const channel = channelOf(child);
  /** `waitingBytes` of what was typed have not been taken yet. */
  const opened = new Map<number, { on: TerminalListener; waitingBytes: number }>();
  const { promise: ended, resolve: onEnded } = Promise.withResolvers<void>();
  let hasEnded = false;
  const end = (why: string) => {
    hasEnded = true;
    onEnded();
    const left = [...opened.values()];
    opened.clear();
    for (const { on } of left) on.ended(why);
  };
  child.once('error', (error) => end(error.message));
  child.once('exit', (code, signal) => end(`the process of terminals ended with ${signal ?? `status ${code}`}`));
  // Its process tells its end.
  channel.on('error', () => {});

  const forget = (id: number) => {
    opened.delete(id);
    keepAlive(child, channel, opened.size > 0);
  };
  channel.on(
    'data',
    recordReader(({ terminal: id, kind, payload }) => {
      const terminal = opened.get(id);
      if (terminal === undefined) return;
      switch (kind) {
        case FROM_HOST.output:
          terminal.on.output(payload);
          break;
        case FROM_HOST.taken:
          terminal.waitingBytes -= payload.readUInt32LE(0);
          break;
        case FROM_HOST.ended:
          forget(id);
          terminal.on.ended(payload.toString());
          break;
      }
    }, FROM_HOST.output),
  );
  keepAlive(child, channel, false);

  return {
    hasEnded: () => hasEnded,
    open(id, plan, on) {
      const terminal = { on, waitingBytes: 0 };
      opened.set(id, terminal);
      keepAlive(child, channel, true);
      const tell = (kind: number, payload?: Uint8Array | string) => {
        if (opened.has(id) && !channel.destroyed) sendRecord(channel, id, kind, payload);
      };
      tell(TO_HOST.open, JSON.stringify(plan));
      return {
        input(bytes) {
          const kept = bytes.subarray(0, TYPED_BYTES - terminal.waitingBytes);
          terminal.waitingBytes += kept.length;
          // A copy: the bytes are the socket's.
          if (kept.length > 0) tell(TO_HOST.input, Uint8Array.from(kept));
          return kept.length === bytes.length;
        },
        resize: (size) => tell(TO_HOST.resize, JSON.stringify(size)),
        pause: () => tell(TO_HOST.pause),
        resume: () => tell(TO_HOST.resume),
        signal: (name) => tell(TO_HOST.signal, JSON.stringify(name)),
        close() {
          tell(TO_HOST.close);
          forget(id);
        },
      };
    },
    async close() {
      keepAlive(child, channel, true);
      channel.end();
      await ended;
    },
  };
}

/** What runs on a terminal keeps its user alive; the process that waits for more does not. */
function keepAlive(child: ChildProcess, channel: Duplex, wanted: boolean): void {
  const name = wanted ? 'ref' : 'unref';
  child[name]();
  const change: unknown = Reflect.get(channel, name);
  if (typeof change === 'function') change.call(channel);
}

function channelOf(child: ChildProcess): Duplex {
  const channel = child.stdio[3];
  if (channel instanceof Duplex) return channel;
  throw new Error('Expected a channel to the process of terminals, found none');
}
