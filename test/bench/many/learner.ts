import { once } from 'node:events';
import WebSocket from 'ws';
import { decodeFrame } from '../../../protocol/frame.ts';
import { type LineFrame, openLine } from '../../../protocol/line.ts';
import { RUN_HOSTS, type RunHost } from '../../../protocol/manifest.ts';
import { ACKNOWLEDGE_EVERY_BYTES, type FromPage, type FromRunner } from '../../../protocol/message.ts';
import { MAX_KEPT_BYTES } from '../../../protocol/resume.ts';
import type { RunEnd } from '../../../protocol/run-end.ts';
import type { Verdict } from '../../../protocol/verdict.ts';
import { PROTOCOL } from '../../../protocol/version.ts';

/** One click on Run, as its page sees it; milliseconds since the click. */
export type Click = {
  /** The first byte that the client program printed; the server is started first, and waited for. */
  firstByteMs: number;
  verdictMs: number;
  verdict: Verdict['kind'];
  printed: Record<RunHost, string>;
  ends: Record<RunHost, RunEnd>;
};

/** A page of one learner, in a process with many others. A session of its own, a lab from the first click on. */
export type Learner = AsyncDisposable & {
  /**
   * Runs both programs of an unchanged snippet, until they have ended and the final verdict is there.
   * @throws Error for anything that a learner would see as a fault, and when it takes too long
   */
  click(snippet: string): Promise<Click>;
};

const SIZE = { columns: 80, rows: 24 };
/** Far beyond what is asked for: what is not there by then is lost. */
const LOST_AFTER_MS = 60_000;

type Ongoing = { take(event: FromRunner): void; print(run: number, bytes: Uint8Array): void };

export async function openLearner(address: string): Promise<Learner> {
  const socket = new WebSocket(new URL('api/session', address.replace('http', 'ws')), PROTOCOL, {
    origin: new URL(address).origin,
    perMessageDeflate: false,
  });
  const closed = once(socket, 'close');
  let lastRun = 0;
  let ongoing: Ongoing | null = null;

  const line = openLine(MAX_KEPT_BYTES);
  const say = (message: FromPage) => line.send(JSON.stringify(message));
  socket.on('message', (data: Buffer<ArrayBuffer>, isBinary: boolean) => {
    if (line.take(isBinary ? data : data.toString()) !== 'message') return;
    if (!isBinary) return ongoing?.take(JSON.parse(data.toString()));
    const frame = decodeFrame(data);
    if (frame?.kind === 'output') ongoing?.print(frame.run, frame.bytes);
  });
  await once(socket, 'open');
  line.join((frame: LineFrame) => socket.send(frame), 0);

  return {
    async click(snippet) {
      const runs: Record<RunHost, number> = { server: ++lastRun, client: ++lastRun };
      const { promise, resolve, reject } = Promise.withResolvers<Click>();
      const click = clickOn(runs, say, resolve, reject);
      ongoing = click;
      const timer = setTimeout(() => reject(new Error(`Lost after ${LOST_AFTER_MS} ms: ${click.seen()}`)), LOST_AFTER_MS);
      const onClose = () => reject(new Error(`The socket closed: ${click.seen()}`));
      socket.once('close', onClose);
      for (const host of ['server', 'client'] as const) say({ type: 'run', run: runs[host], host, snippet, files: {}, ...SIZE });
      return promise.finally(() => {
        clearTimeout(timer);
        socket.off('close', onClose);
        ongoing = null;
      });
    },
    async [Symbol.asyncDispose]() {
      socket.close();
      await closed;
    },
  };
}

function clickOn(
  runs: Record<RunHost, number>,
  say: (message: FromPage) => void,
  resolve: (click: Click) => void,
  reject: (fault: Error) => void,
): Ongoing & { seen(): string } {
  const startedAt = performance.now();
  const chunks: Record<RunHost, Buffer[]> = { client: [], server: [] };
  const takenBytes = { client: 0, server: 0 };
  const toldBytes = { client: 0, server: 0 };
  const ends: Partial<Record<RunHost, RunEnd>> = {};
  let firstByteMs: number | null = null;
  let final: { verdict: Verdict['kind']; verdictMs: number } | null = null;
  const printed = () => ({ client: Buffer.concat(chunks.client).toString(), server: Buffer.concat(chunks.server).toString() });
  const seen = () => JSON.stringify({ final, ends, printed: printed() });

  return {
    seen,
    take(event) {
      if (event.type === 'error' || event.type === 'lab-closed') return reject(new Error(`${JSON.stringify(event)}; ${seen()}`));
      if (event.type === 'verdict' && event.final && event.run === runs.client)
        final = { verdict: event.verdict.kind, verdictMs: performance.now() - startedAt };
      if (event.type === 'run-ended') ends[event.host] = event.end;
      const { client, server } = ends;
      if (final === null || client === undefined || server === undefined) return;
      if (firstByteMs === null) return reject(new Error(`The client printed nothing: ${seen()}`));
      resolve({ firstByteMs, ...final, printed: printed(), ends: { client, server } });
    },
    print(run, bytes) {
      const host = RUN_HOSTS.find((candidate) => runs[candidate] === run);
      if (host === undefined) return;
      if (host === 'client') firstByteMs ??= performance.now() - startedAt;
      chunks[host].push(Buffer.from(bytes));
      takenBytes[host] += bytes.length;
      if (takenBytes[host] - toldBytes[host] < ACKNOWLEDGE_EVERY_BYTES) return;
      toldBytes[host] = takenBytes[host];
      say({ type: 'acknowledge', run, bytes: takenBytes[host] });
    },
  };
}
