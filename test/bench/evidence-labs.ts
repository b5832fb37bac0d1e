import { setTimeout as delay } from 'node:timers/promises';
import { decodeFrame } from '../../protocol/frame.ts';
import type { FromRunner } from '../../protocol/message.ts';
import { type DecodedPacket, decodePacket } from '../../protocol/packet/decode.ts';
import { LINK_TYPES } from '../../protocol/packet/pcap.ts';
import { decodeRecords } from '../../protocol/packet/records.ts';
import { type Visitor, visit } from '../lab/visitor.ts';
import { observingMs } from './cpu-time.ts';
import { figureOf } from './figure.ts';
import { descendantsOf, proportionalBytes } from './processes.ts';
import type { Row } from './row.ts';
import { startRunnerProcess } from './runner-process.ts';

const LABS = 50;
const CONNECTIONS = 15;
/** A connection lives for so long, with data all the time: its second subflow joins, and each look finds something new. */
const LIVES_SECONDS = 1;
/** Enough for all of it on a busy machine. */
const RUN_SECONDS = '120';

/** Waits for the word; then one connection after the other, each with data now and then until it ends. It stays until the next word. */
const CLIENT = `
import socket, time
input()
for _ in range(${CONNECTIONS}):
  with socket.socket(socket.AF_INET, socket.SOCK_STREAM, 262) as connection:
    connection.connect(("server.lab", 8262))
    until = time.monotonic() + ${LIVES_SECONDS}
    while time.monotonic() < until:
      connection.sendall(bytes(2000))
      connection.recv(1)
      time.sleep(0.1)
    connection.shutdown(socket.SHUT_WR)
    while connection.recv(1000): pass
print("all done")
input()
`;

const SERVER = `
import socket
with socket.socket(socket.AF_INET, socket.SOCK_STREAM, 262) as listener:
  listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
  listener.bind(("", 8262))
  listener.listen()
  while True:
    connection, _ = listener.accept()
    with connection:
      while connection.recv(65536): connection.send(b".")
`;

/** So many processes start at the same time: that is over first. */
const PREPARED_MS = 5_000;
/** For events of what has ended already. */
const LAST_EVENTS_MS = 10_000;

/** Many labs at once, each watched with its packets: whether anything is lost, and how late it comes. */
export async function evidenceLabsRows(): Promise<Row[]> {
  await using runner = await startRunnerProcess({ LABS: String(LABS), LABS_WARM: '0', RUN_SECONDS });
  await using stack = new AsyncDisposableStack();
  const pages: Page[] = [];
  for (let lab = 0; lab < LABS; lab++) pages.push(stack.use(await openPage(runner.address)));
  const idleBytes = memoryOf(runner.pid);

  for (const { visitor } of pages) {
    visitor.run(3, 'server', 'python', { 'server.py': SERVER });
    visitor.run(4, 'client', 'python', { 'client.py': CLIENT });
    await visitor.until('run-phase', (event) => event.run === 4 && event.phase === 'running');
  }
  await delay(PREPARED_MS);
  const before = { at: performance.now(), ...observingMs(runner.pid) };
  for (const { visitor } of pages) {
    visitor.type(4, '\n');
    // Visitors do not press a key in the same instant.
    await delay((LIVES_SECONDS * 1000) / LABS);
  }
  await Promise.all(pages.map(({ visitor }) => visitor.untilOutput(4, 'all done')));
  const after = { at: performance.now(), ...observingMs(runner.pid) };
  // It takes this process some time, in which nothing must arrive.
  const busyBytes = memoryOf(runner.pid);
  for (const { visitor } of pages) visitor.type(4, '\n');
  await Promise.all(pages.map(({ visitor }) => visitor.until('run-ended', (event) => event.run === 4)));
  const elapsedMs = after.at - before.at;
  const expected = pages.reduce((sum, { visitor }) => sum + countedEvents(visitor), 0);
  const told = () => pages.reduce((sum, page) => sum + page.told.filter(isCounted).length, 0);
  const deadline = performance.now() + LAST_EVENTS_MS;
  while (told() < expected && performance.now() < deadline) await delay(100);
  const delays = pages.flatMap((page) => page.eventDelaysMs());
  const cpu = (part: 'runner' | 'tools') => figureOf([(100 * (after[part] - before[part])) / elapsedMs]);
  const none = { baseline: null, target: null };
  const labs = `${LABS} watched labs`;
  return [
    {
      what: `${labs}: from the kernel's packet to the event in the page`,
      unit: 'ms',
      measured: figureOf(delays),
      baseline: null,
      target: { kind: 'less-than', value: 250, p99: 250 },
    },
    {
      what: `${labs}: events told`,
      unit: 'events',
      measured: figureOf([told()]),
      baseline: { what: 'by the kernel’s counters', figure: figureOf([expected]) },
      target: { kind: 'at-least', value: expected },
    },
    { what: `${labs}: between two looks`, unit: 'ms', measured: figureOf(pages.flatMap(({ looksMs }) => looksMs)), ...none },
    { what: `${labs}: runner`, unit: '% CPU', measured: cpu('runner'), ...none },
    { what: `${labs}: what it observes with`, unit: '% CPU', measured: cpu('tools'), ...none },
    {
      what: `${labs}: memory of runner and labs, each`,
      unit: 'MB',
      measured: figureOf([busyBytes / 1e6 / LABS]),
      baseline: { what: 'before programs run', figure: figureOf([idleBytes / 1e6 / LABS]) },
      target: null,
    },
  ];
}

type KernelEvent = Extract<FromRunner, { type: 'mptcp-event' }>;

/** Of listeners, and of addresses, no counter of connections tells. */
function isCounted({ event }: KernelEvent): boolean {
  return (['created', 'established', 'subflow-established', 'closed'] as const).some((kind) => kind === event.kind);
}

/** How many such events there were on both hosts by the counters of their kernels: each connection is created, established and closed. */
function countedEvents({ events }: Visitor): number {
  const { evidence } = events.findLast((event) => event.type === 'evidence') ?? {};
  const { client, server } = evidence?.counters ?? {};
  const connections = (client?.mptcp['MPCapableSYNACKRX'] ?? 0) + (server?.mptcp['MPCapableACKRX'] ?? 0);
  const joins = (client?.mptcp['MPJoinSynAckRx'] ?? 0) + (server?.mptcp['MPJoinAckRx'] ?? 0);
  return 3 * connections + joins;
}

type Page = AsyncDisposable & {
  visitor: Visitor;
  told: KernelEvent[];
  /** Between two of the runner's looks at the client's run, as they arrive. */
  looksMs: number[];
  eventDelaysMs(): number[];
};

/** A page whose lab is there, after a first short run, and that wants packets. */
async function openPage(address: string): Promise<Page> {
  const visitor = await visit(address);
  visitor.say({ type: 'packets', wanted: true });
  const told: KernelEvent[] = [];
  const arrivals = new Map<string, number>();
  const packetTimes = new Map<string, number>();
  const looksMs: number[] = [];
  let lookedAt: number | null = null;
  visitor.run(1, 'server', 'python', { 'server.py': SERVER });
  visitor.run(2, 'client', 'python', { 'client.py': 'print("hello")\n' });
  await visitor.until('run-ended', ({ run }) => run === 2);
  await visitor.until('run-ended', ({ run }) => run === 1);

  const hear = (event: FromRunner, at: number) => {
    if (event.type === 'mptcp-event') {
      told.push(event);
      if (event.host === 'client' && 'flow' in event.event) {
        arrivals.set(`${event.event.kind} ${event.event.flow.localAddress} ${event.event.flow.localPort}`, at);
      }
    }
    const isLook = event.type === 'evidence' || event.type === 'traffic';
    if (!isLook || event.run !== 4) return;
    if (lookedAt !== null) looksMs.push(at - lookedAt);
    lookedAt = at;
  };
  visitor.socket().prependListener('message', (data: Buffer, isBinary: boolean) => {
    const at = performance.timeOrigin + performance.now();
    if (!isBinary) return hear(JSON.parse(data.toString()), at);
    const frame = decodeFrame(data);
    if (frame?.kind !== 'packets') return;
    for (const captured of decodeRecords(frame.bytes)) {
      const packet = decodePacket(captured, LINK_TYPES.linuxCooked2);
      const cause = causeOf(packet);
      if (cause !== null) packetTimes.set(cause, packet.timeMs);
    }
  });
  return {
    visitor,
    told,
    looksMs,
    eventDelaysMs: () =>
      [...packetTimes].flatMap(([key, sentAt]) => {
        const arrivedAt = arrivals.get(key);
        return arrivedAt === undefined ? [] : [arrivedAt - sentAt];
      }),
    [Symbol.asyncDispose]: () => visitor[Symbol.asyncDispose](),
  };
}

/**
 * The SYN+ACK that the client receives is what makes its kernel tell of the connection, or of the subflow that joins it; the
 * capture has the time at which the kernel took it in. Which event of which flow, or `null` for other packets.
 */
function causeOf({ tcp, ip, mptcp }: DecodedPacket): string | null {
  if (tcp === null || ip === null) return null;
  for (const option of mptcp) {
    const isAnswer = (option.subtype === 'MP_CAPABLE' || option.subtype === 'MP_JOIN') && option.form === 'syn-ack';
    if (!isAnswer) continue;
    const kind = option.subtype === 'MP_CAPABLE' ? 'established' : 'subflow-established';
    return `${kind} ${ip.destination} ${tcp.destinationPort}`;
  }
  return null;
}

function memoryOf(runnerPid: number): number {
  return descendantsOf(runnerPid).reduce((sum, { pid }) => sum + proportionalBytes(pid), proportionalBytes(runnerPid));
}
