import WebSocket from 'ws';
import { decodeFrame, encodeFrame } from '../../protocol/frame.ts';
import type { RunHost } from '../../protocol/manifest.ts';
import type { FromPage, FromRunner } from '../../protocol/message.ts';
import type { CapturedPacket } from '../../protocol/packet/pcap.ts';
import { decodeRecords } from '../../protocol/packet/records.ts';
import { PROTOCOL } from '../../protocol/version.ts';

type EventOf<Type extends FromRunner['type']> = Extract<FromRunner, { type: Type }>;

/** A page without a browser: a real WebSocket to a real runner. It acknowledges output unless told otherwise. */
export type Visitor = AsyncDisposable & {
  socket: WebSocket;
  events: FromRunner[];
  output(run: number): string;
  outputBytes(run: number): number;
  /** Of all that came of this client's run; 0 before the first one. */
  packets(run: number): CapturedPacket[];
  /** From now on nothing is read from the socket, until `resume`. */
  stall(): void;
  resume(): void;
  say(message: FromPage): void;
  run(run: number, host: RunHost, snippet: string, files?: Record<string, string>): void;
  type(run: number, text: string): void;
  /** Resolves with the first event, past or future, of that type for which the condition holds. */
  until<Type extends FromRunner['type']>(type: Type, holds?: (event: EventOf<Type>) => boolean): Promise<EventOf<Type>>;
  untilOutput(run: number, text: string): Promise<void>;
  /** Resolves once it holds, looked at whenever something came. */
  untilHolds(holds: () => boolean, what: string): Promise<void>;
  closed: Promise<number>;
};

const WAIT_MS = 30_000;

export type VisitSettings = { acknowledge?: boolean; protocol?: string; headers?: Record<string, string> };

export async function visit(
  address: string,
  { acknowledge = true, protocol = PROTOCOL, headers = {} }: VisitSettings = {},
): Promise<Visitor> {
  const socket = new WebSocket(new URL('api/session', address.replace('http', 'ws')), protocol, {
    origin: new URL(address).origin,
    headers,
  });
  const events: FromRunner[] = [];
  const outputs = new Map<number, Buffer[]>();
  const bytes = new Map<number, number>();
  const packets = new Map<number, CapturedPacket[]>();
  const watchers = new Set<() => void>();
  const closed = new Promise<number>((resolve) => socket.once('close', resolve));

  const say = (message: FromPage) => socket.send(JSON.stringify(message));
  socket.on('message', (data: Buffer, isBinary: boolean) => {
    if (isBinary) {
      const frame = decodeFrame(data);
      if (frame === null) throw new Error(`Not a frame: ${data.toString('hex')}`);
      if (frame.kind === 'packets') {
        packets.set(frame.run, [...(packets.get(frame.run) ?? []), ...decodeRecords(frame.bytes)]);
        return;
      }
      outputs.set(frame.run, [...(outputs.get(frame.run) ?? []), Buffer.from(frame.bytes)]);
      bytes.set(frame.run, (bytes.get(frame.run) ?? 0) + frame.bytes.length);
      if (acknowledge) say({ type: 'acknowledge', run: frame.run, bytes: bytes.get(frame.run) ?? 0 });
    } else events.push(JSON.parse(data.toString()));
    for (const watcher of watchers) watcher();
  });
  await new Promise((resolve, reject) => {
    socket.once('open', resolve);
    socket.once('error', reject);
  });

  const output = (run: number) => Buffer.concat(outputs.get(run) ?? []).toString();
  const untilSeen = <Seen>(look: () => Seen | undefined, wanted: string): Promise<Seen> => {
    const { promise, resolve, reject } = Promise.withResolvers<Seen>();
    const timer = setTimeout(
      () => reject(new Error(`Waited ${WAIT_MS} ms for ${wanted}; saw ${JSON.stringify(events.slice(-6))}`)),
      WAIT_MS,
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

  return {
    socket,
    events,
    output,
    packets: (run) => packets.get(run) ?? [],
    outputBytes: (run) => bytes.get(run) ?? 0,
    stall: () => socket.pause(),
    resume: () => socket.resume(),
    say,
    run: (run, host, snippet, files = {}) => say({ type: 'run', run, host, snippet, files, columns: 80, rows: 24 }),
    type: (run, text) => socket.send(encodeFrame({ kind: 'input', run, at: 0, bytes: Buffer.from(text) })),
    until: <Type extends FromRunner['type']>(type: Type, holds: (event: EventOf<Type>) => boolean = () => true) =>
      untilSeen(() => events.find((event): event is EventOf<Type> => isOf(event, type) && holds(event)), `a ${type}`),
    async untilOutput(run, text) {
      await untilSeen(() => (output(run).includes(text) ? true : undefined), `output "${text}" of run ${run}`);
    },
    async untilHolds(holds, what) {
      await untilSeen(() => (holds() ? true : undefined), what);
    },
    closed,
    async [Symbol.asyncDispose]() {
      socket.close();
      await closed;
    },
  };
}

function isOf<Type extends FromRunner['type']>(event: FromRunner, type: Type): event is EventOf<Type> {
  return event.type === type;
}
