import * as v from 'valibot';
import WebSocket from 'ws';
import { decodeFrame, encodeFrame } from '../../protocol/frame.ts';
import { type LineFrame, openLine } from '../../protocol/line.ts';
import type { RunHost } from '../../protocol/manifest.ts';
import type { FromPage, FromRunner } from '../../protocol/message.ts';
import type { CapturedPacket } from '../../protocol/packet/pcap.ts';
import { decodeRecords } from '../../protocol/packet/records.ts';
import { RESUME_PATH, type Resume, type ResumeTicket, resumedSchema, SESSION_PATH } from '../../protocol/resume.ts';
import { PROTOCOL } from '../../protocol/version.ts';

type EventOf<Type extends FromRunner['type']> = Extract<FromRunner, { type: Type }>;

/** A page without a browser: a real WebSocket to a real runner. It acknowledges output unless told otherwise. */
export type Visitor = AsyncDisposable & {
  /** The present one. */
  socket(): WebSocket;
  events: FromRunner[];
  output(run: number): string;
  outputBytes(run: number): number;
  /** Of all that came of this client's run; 0 before the first one. */
  packets(run: number): CapturedPacket[];
  /** From now on nothing is read from the socket, until `resume`. */
  stall(): void;
  resume(): void;
  /** Any frame at all. */
  send(frame: LineFrame): void;
  say(message: FromPage): void;
  run(run: number, host: RunHost, snippet: string, files?: Record<string, string>): void;
  type(run: number, text: string): void;
  /** The network breaks: neither side says goodbye. What is said from now on waits. */
  lose(): Promise<void>;
  /** Goes on over a new socket, to `via` or where the first one led. */
  comeBack(via?: string): Promise<void>;
  ticket(): Promise<ResumeTicket>;
  /** Resolves with the first event, past or future, of that type for which the condition holds. */
  until<Type extends FromRunner['type']>(type: Type, holds?: (event: EventOf<Type>) => boolean): Promise<EventOf<Type>>;
  untilOutput(run: number, text: string): Promise<void>;
  /** Resolves once it holds, looked at whenever something came. */
  untilHolds(holds: () => boolean, what: string): Promise<void>;
  /** The close code of the present socket. */
  closed(): Promise<number>;
};

const WAIT_MS = 30_000;

export type VisitSettings = {
  acknowledge?: boolean;
  protocol?: string;
  headers?: Record<string, string>;
  /** A browser's: sent with each WebSocket, and filled by the answers. */
  cookies?: Map<string, string>;
  /** How long it waits for what is to come. */
  patienceMs?: number;
};

export async function visit(
  address: string,
  { acknowledge = true, protocol = PROTOCOL, headers = {}, cookies = new Map(), patienceMs = WAIT_MS }: VisitSettings = {},
): Promise<Visitor> {
  const events: FromRunner[] = [];
  const outputs = new Map<number, Buffer[]>();
  const bytes = new Map<number, number>();
  const packets = new Map<number, CapturedPacket[]>();
  const watchers = new Set<() => void>();
  // Some visitors are attackers.
  const line = openLine(Number.POSITIVE_INFINITY);

  const send = (frame: LineFrame) => void line.send(frame);
  const say = (message: FromPage) => send(JSON.stringify(message));
  const hear = (frame: LineFrame) => {
    if (line.take(frame) !== 'message') return;
    if (typeof frame === 'string') events.push(JSON.parse(frame));
    else {
      const decoded = decodeFrame(frame);
      if (decoded === null) throw new Error(`Not a frame: ${Buffer.from(frame).toString('hex')}`);
      if (decoded.kind === 'packets') {
        packets.set(decoded.run, [...(packets.get(decoded.run) ?? []), ...decodeRecords(decoded.bytes)]);
        return;
      }
      outputs.set(decoded.run, [...(outputs.get(decoded.run) ?? []), Buffer.from(decoded.bytes)]);
      bytes.set(decoded.run, (bytes.get(decoded.run) ?? 0) + decoded.bytes.length);
      if (acknowledge) say({ type: 'acknowledge', run: decoded.run, bytes: bytes.get(decoded.run) ?? 0 });
    }
    for (const watcher of watchers) watcher();
  };
  const wireTo = (to: WebSocket) => (frame: LineFrame) => {
    if (to.readyState === WebSocket.OPEN) to.send(frame);
  };
  const listen = (to: WebSocket) => {
    to.on('message', (data: Buffer<ArrayBuffer>, isBinary: boolean) => {
      if (to === socket) hear(isBinary ? data : data.toString());
    });
  };

  const dialHere = (to: string, path: string) => dial(to, path, protocol, headers, cookies);
  let socket = dialHere(address, SESSION_PATH);
  let closed = closeOf(socket);
  listen(socket);
  await opened(socket);
  line.join(wireTo(socket), 0);

  const output = (run: number) => Buffer.concat(outputs.get(run) ?? []).toString();
  const untilSeen = <Seen>(look: () => Seen | undefined, wanted: string): Promise<Seen> => {
    const { promise, resolve, reject } = Promise.withResolvers<Seen>();
    const timer = setTimeout(
      () => reject(new Error(`Waited ${patienceMs} ms for ${wanted}; saw ${JSON.stringify(events.slice(-6))}`)),
      patienceMs,
    );
    const watcher = () => {
      const seen = look();
      if (seen !== undefined) resolve(seen);
    };
    watchers.add(watcher);
    watcher();
    return promise.finally(() => {
      clearTimeout(timer);
      watchers.delete(watcher);
    });
  };

  const welcome = async () => {
    const { resume } = await visitor.until('welcome');
    return resume ?? Promise.reject(new Error('Expected a ticket, found none'));
  };
  const visitor: Visitor = {
    socket: () => socket,
    events,
    output,
    packets: (run) => packets.get(run) ?? [],
    outputBytes: (run) => bytes.get(run) ?? 0,
    stall: () => socket.pause(),
    resume: () => socket.resume(),
    send,
    say,
    run: (run, host, snippet, files = {}) => say({ type: 'run', run, host, snippet, files, columns: 80, rows: 24 }),
    type: (run, text) => send(encodeFrame({ kind: 'input', run, at: 0, bytes: Buffer.from(text) })),
    async lose() {
      line.leave();
      socket.terminate();
      await closed;
    },
    async comeBack(via = address) {
      line.leave();
      const { session, secret } = await welcome();
      socket = dialHere(via, RESUME_PATH);
      closed = closeOf(socket);
      const mine = socket;
      await opened(mine);
      const asked: Resume = { type: 'resume', session, secret, received: line.received() };
      mine.send(JSON.stringify(asked));
      // What comes with the answer is heard right after it.
      await new Promise<void>((resolve, reject) => {
        mine.once('message', (data: Buffer) => {
          const answer = v.safeParse(resumedSchema, JSON.parse(data.toString()));
          if (!answer.success) return reject(new Error(data.toString()));
          listen(mine);
          if (!line.join(wireTo(mine), answer.output.received)) reject(new Error('The runner has what was never sent'));
          resolve();
        });
        mine.once('close', () => reject(new Error('The socket was lost again')));
      });
    },
    ticket: welcome,
    until: <Type extends FromRunner['type']>(type: Type, holds: (event: EventOf<Type>) => boolean = () => true) =>
      untilSeen(() => events.find((event): event is EventOf<Type> => isOf(event, type) && holds(event)), `a ${type}`),
    async untilOutput(run, text) {
      await untilSeen(() => (output(run).includes(text) ? true : undefined), `output "${text}" of run ${run}`);
    },
    async untilHolds(holds, what) {
      await untilSeen(() => (holds() ? true : undefined), what);
    },
    closed: () => closed,
    async [Symbol.asyncDispose]() {
      socket.close();
      await closed;
    },
  };
  return visitor;
}

function dial(
  address: string,
  path: string,
  protocol: string,
  headers: Record<string, string>,
  cookies: Map<string, string>,
): WebSocket {
  const { origin } = new URL(address);
  const sent = cookies.size === 0 ? headers : { ...headers, cookie: cookieHeader(cookies) };
  const socket = new WebSocket(new URL(path, address.replace('http', 'ws')), protocol, { origin, headers: sent });
  socket.once('upgrade', (answer) => keepCookies(cookies, answer.headers['set-cookie'] ?? []));
  return socket;
}

export function cookieHeader(cookies: Map<string, string>): string {
  return [...cookies].map(([name, value]) => `${name}=${value}`).join('; ');
}

/** @param lines of Set-Cookie */
export function keepCookies(cookies: Map<string, string>, lines: string[]): void {
  for (const line of lines) {
    const [, name = '', value = ''] = /^([^=;]+)=([^;]*)/.exec(line) ?? [];
    cookies.set(name, value);
  }
}

function opened(socket: WebSocket): Promise<void> {
  return new Promise((resolve, reject) => {
    socket.once('open', () => resolve());
    socket.once('error', reject);
  });
}

function closeOf(socket: WebSocket): Promise<number> {
  return new Promise((resolve) => socket.once('close', resolve));
}

function isOf<Type extends FromRunner['type']>(event: FromRunner, type: Type): event is EventOf<Type> {
  return event.type === type;
}
