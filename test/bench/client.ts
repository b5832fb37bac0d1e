import { once } from 'node:events';
import WebSocket from 'ws';
import { decodeFrame } from '../../protocol/frame.ts';
import { type LineFrame, openLine } from '../../protocol/line.ts';
import type { RunHost } from '../../protocol/manifest.ts';
import { ACKNOWLEDGE_EVERY_BYTES, type FromPage, type FromRunner } from '../../protocol/message.ts';
import { MAX_KEPT_BYTES } from '../../protocol/resume.ts';
import { PROTOCOL } from '../../protocol/version.ts';
import { outputTimer, type TimedOutput } from './timed-output.ts';

/** A page that only takes times: a WebSocket to a runner in another process. It keeps no output. */
export type Client = AsyncDisposable & {
  /**
   * Starts a program of a snippet, its files replaced by these, and waits until it has ended well.
   * @throws Error when it ended otherwise, or had to wait for a lab where it must not
   */
  run(host: RunHost, snippet: string, files: Record<string, string>): Promise<TimedOutput>;
  /**
   * Starts a program as `run` does, and stops it once its first line is there: milliseconds to the first byte.
   * @throws Error when that is another line, such as a word of its compiler
   */
  firstByteMs(host: RunHost, snippet: string, files: Record<string, string>, firstLine: string): Promise<number>;
  /** Clicks Run on an unchanged snippet: both programs, until the final verdict. */
  click(snippet: string): Promise<{ client: TimedOutput; verdictMs: number }>;
};

const SIZE = { columns: 80, rows: 24 };

export async function openClient(address: string, { mayWait = false } = {}): Promise<Client> {
  const socket = new WebSocket(new URL('api/session', address.replace('http', 'ws')), PROTOCOL, {
    origin: new URL(address).origin,
    perMessageDeflate: false,
  });
  const onOutput = new Map<number, (bytes: Uint8Array) => void>();
  const watchers = new Set<(event: FromRunner) => void>();
  let lastRun = 0;

  // It never comes back, but the runner keeps what is not told to have come.
  const line = openLine(MAX_KEPT_BYTES);
  const say = (message: FromPage) => line.send(JSON.stringify(message));
  socket.on('message', (data: Buffer<ArrayBuffer>, isBinary: boolean) => {
    if (line.take(isBinary ? data : data.toString()) !== 'message') return;
    if (!isBinary) {
      const event: FromRunner = JSON.parse(data.toString());
      for (const watcher of watchers) watcher(event);
      return;
    }
    const frame = decodeFrame(data);
    if (frame !== null) onOutput.get(frame.run)?.(frame.bytes);
  });
  await once(socket, 'open');
  line.join((frame: LineFrame) => socket.send(frame), 0);

  /** The first event that is looked for; one that makes the measurement void is a fault. */
  const until = <Found>(look: (event: FromRunner) => Found | null): Promise<Found> => {
    const { promise, resolve, reject } = Promise.withResolvers<Found>();
    const watcher = (event: FromRunner) => {
      if (event.type === 'error' || (event.type === 'waiting' && !mayWait)) reject(new Error(`Void: ${JSON.stringify(event)}`));
      const found = look(event);
      if (found !== null) resolve(found);
    };
    watchers.add(watcher);
    return promise.finally(() => watchers.delete(watcher));
  };

  const start = (
    host: RunHost,
    snippet: string,
    files: Record<string, string>,
    listen: (bytes: Uint8Array, stop: () => void) => void = () => {},
  ): Promise<TimedOutput> => {
    const run = ++lastRun;
    const timer = outputTimer();
    let takenBytes = 0;
    let toldBytes = 0;
    onOutput.set(run, (bytes) => {
      timer.took(bytes.length);
      listen(bytes, () => say({ type: 'stop', run }));
      takenBytes += bytes.length;
      if (takenBytes - toldBytes < ACKNOWLEDGE_EVERY_BYTES) return;
      toldBytes = takenBytes;
      say({ type: 'acknowledge', run, bytes: takenBytes });
    });
    const ended = until((event) => (event.type === 'run-ended' && event.run === run ? event.end : null));
    say({ type: 'run', run, host, snippet, files, ...SIZE });
    return ended.then((end) => {
      onOutput.delete(run);
      // A server is stopped when its client is done; who asks for that here is the measurement itself.
      const isGood =
        (end.kind === 'exit' && end.code === 0) ||
        (end.kind === 'stopped' && (end.by === 'client-ended' || end.by === 'learner'));
      if (!isGood) throw new Error(`Void: the program on the ${host} ended by ${JSON.stringify(end)}`);
      return timer.ended();
    });
  };

  return {
    run: start,
    async firstByteMs(host, snippet, files, firstLine) {
      let text = '';
      const { firstByteMs } = await start(host, snippet, files, (bytes, stop) => {
        text += Buffer.from(bytes).toString();
        if (text.includes('\n')) stop();
      });
      if (!text.startsWith(firstLine)) throw new Error(`Void: ${snippet}: expected "${firstLine}", found "${text}"`);
      return firstByteMs;
    },
    async click(snippet) {
      const startedAt = performance.now();
      const verdict = until((event) => (event.type === 'verdict' && event.final ? performance.now() - startedAt : null));
      const server = start('server', snippet, {});
      const client = start('client', snippet, {});
      const [timed, verdictMs] = await Promise.all([client, verdict, server]);
      return { client: timed, verdictMs };
    },
    async [Symbol.asyncDispose]() {
      const closed = once(socket, 'close');
      socket.close();
      await closed;
    },
  };
}
