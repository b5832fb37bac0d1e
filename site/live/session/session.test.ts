import assert from 'node:assert/strict';
import { once } from 'node:events';
import { test } from 'node:test';
import * as v from 'valibot';
import { type WebSocket as RunnerSocket, WebSocketServer } from 'ws';
import {
  decodeFrame,
  decodeReceived,
  encodeFrame,
  type Frame,
  type PacketsFrame,
  type TerminalFrame,
} from '../../../protocol/frame.ts';
import { ACKNOWLEDGE_EVERY_BYTES, type FromPage, type FromRunner, fromPageSchema } from '../../../protocol/message.ts';
import { CLOSE_NO_SUCH_SESSION, MAX_KEPT_BYTES, RESUME_PATH, resumeSchema } from '../../../protocol/resume.ts';
import { PROTOCOL } from '../../../protocol/version.ts';
import type { SessionEnd } from './connection.ts';
import { openSession } from './session.ts';

/** A real WebSocket server on a free port, and everything that the page's side of the session tells. */
async function openBoth() {
  const server = new WebSocketServer({ host: '127.0.0.1', port: 0, handleProtocols: (offered) => [...offered][0] ?? false });
  await once(server, 'listening');
  const port = portOf(server);
  const sockets = collect<{ socket: RunnerSocket; path: string }>();
  server.on('connection', (socket, { url }) => sockets.add({ socket, path: url ?? '' }));
  const messages = collect<FromRunner>();
  const frames = collect<TerminalFrame>();
  const packets = collect<PacketsFrame>();
  const away = collect<boolean>();
  const ends = collect<SessionEnd>();
  let full = 0;
  let wake = () => {};
  const session = openSession(
    (path) => new URL(`ws://127.0.0.1:${port}/${path}`),
    {
      message: messages.add,
      output: frames.add,
      packets: packets.add,
      away: away.add,
      full: () => full++,
      ended: ends.add,
    },
    (act) => {
      wake = act;
      return () => {};
    },
  );
  const heard = collect<FromPage>();
  const heardFrames = collect<Frame>();
  const listenTo = (from: RunnerSocket) =>
    from.on('message', (data: Buffer, binary: boolean) => {
      if (!binary) heard.add(v.parse(fromPageSchema, JSON.parse(data.toString())));
      else if (decodeReceived(data) === null) heardFrames.add(decodeFrame(data) ?? assert.fail('a frame that cannot be decoded'));
    });
  const [first] = await sockets.until((opened) => opened.length === 1);
  const socket = first?.socket ?? assert.fail('no socket');
  listenTo(socket);
  assert.equal(await session.opened, true);
  return {
    session,
    socket,
    messages,
    frames,
    packets,
    away,
    ends,
    heard,
    heardFrames,
    full: () => full,
    wake: () => wake(),
    /** The socket with that number over which the page comes back, and what it says first there. */
    async comeBack(count: number) {
      const [last] = (await sockets.until((opened) => opened.length > count)).slice(count);
      const resumed = last ?? assert.fail('no socket');
      assert.equal(resumed.path, `/${RESUME_PATH}`);
      const [data] = await once(resumed.socket, 'message');
      listenTo(resumed.socket);
      return { socket: resumed.socket, asked: v.parse(resumeSchema, JSON.parse(String(data))) };
    },
    async [Symbol.asyncDispose]() {
      session.close();
      for (const client of server.clients) client.terminate();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

const WELCOME = {
  at: 0,
  type: 'welcome',
  version: '0.1.0',
  kernel: '6.18.44',
  resume: { session: 'ab12', secret: 'c2VjcmV0', seconds: 60 },
} as const;

function portOf(server: WebSocketServer): number {
  const address = server.address();
  assert.ok(typeof address === 'object' && address !== null);
  return address.port;
}

/** A list that can be waited for. */
function collect<Item>() {
  const items: Item[] = [];
  let changed = Promise.withResolvers<void>();
  return {
    items,
    add(item: Item) {
      items.push(item);
      changed.resolve();
      changed = Promise.withResolvers();
    },
    async until(enough: (items: Item[]) => boolean): Promise<Item[]> {
      while (!enough(items)) await changed.promise;
      return items;
    },
  };
}

const request = { snippet: 'python', host: 'client', files: { 'client.py': 'pass\n' }, columns: 80, rows: 24 } as const;

test('the session is opened with the protocol version that runner and page agree on', async () => {
  await using both = await openBoth();
  assert.equal(both.socket.protocol, PROTOCOL);
});

test('each run has a higher number than the last and says what it is', async () => {
  await using both = await openBoth();
  const first = both.session.run({ ...request, host: 'server', files: {} });
  const second = both.session.run(request);
  both.session.resize(second, 100, 30);
  both.session.stop(first);
  assert.ok(second > first);
  assert.deepEqual(await both.heard.until((heard) => heard.length === 4), [
    { type: 'run', run: first, ...request, host: 'server', files: {} },
    { type: 'run', run: second, ...request },
    { type: 'resize', run: second, columns: 100, rows: 30 },
    { type: 'stop', run: first },
  ]);
});

test('output arrives byte by byte as it was sent, with its run', async () => {
  await using both = await openBoth();
  const run = both.session.run(request);
  const sent = Uint8Array.from({ length: 256 }, (_, index) => index);
  both.socket.send(encodeFrame({ kind: 'output', run, at: 1.5, bytes: sent }));
  const [frame] = await both.frames.until((frames) => frames.length === 1);
  assert.deepEqual({ ...frame, bytes: [...(frame?.bytes ?? [])] }, { kind: 'output', run, at: 1.5, bytes: [...sent] });
});

test('output is acknowledged once the terminal has taken it in, and not before', async () => {
  await using both = await openBoth();
  const run = both.session.run(request);
  const other = both.session.run({ ...request, host: 'server' });
  const pieceBytes = 1000;
  const pieces = Math.ceil((3 * ACKNOWLEDGE_EVERY_BYTES) / pieceBytes);
  for (let piece = 0; piece < pieces; piece++) {
    both.socket.send(encodeFrame({ kind: 'output', run, at: 0, bytes: new Uint8Array(pieceBytes) }));
  }
  await both.frames.until((frames) => frames.length === pieces);
  both.session.stop(other);
  await both.heard.until((heard) => heard.some((message) => message.type === 'stop'));
  assert.equal(both.heard.items.filter((message) => message.type === 'acknowledge').length, 0);

  for (const frame of both.frames.items) both.session.takenIn(frame.run, frame.bytes.length);
  await both.heard.until((heard) => heard.filter((message) => message.type === 'acknowledge').length >= 2);
  both.session.stop(run);
  await both.heard.until((heard) => heard.filter((message) => message.type === 'stop').length === 2);
  const told = both.heard.items.filter((message) => message.type === 'acknowledge');
  let toldBytes = 0;
  for (const acknowledgement of told) {
    assert.equal(acknowledgement.run, run);
    assert.ok(acknowledgement.bytes - toldBytes >= ACKNOWLEDGE_EVERY_BYTES);
    assert.ok(acknowledgement.bytes - toldBytes < ACKNOWLEDGE_EVERY_BYTES + pieceBytes);
    toldBytes = acknowledgement.bytes;
  }
  assert.ok(pieces * pieceBytes - toldBytes < ACKNOWLEDGE_EVERY_BYTES);
});

test('a long paste reaches the program whole and in order', async () => {
  await using both = await openBoth();
  const run = both.session.run(request);
  const pasted = Uint8Array.from({ length: 200_000 }, (_, index) => index % 251);
  both.session.input(run, pasted);
  const bytesOf = (frames: Frame[]) => Buffer.concat(frames.map((frame) => frame.bytes));
  const frames = await both.heardFrames.until((heard) => bytesOf(heard).length >= pasted.length);
  assert.ok(frames.length > 1);
  assert.ok(frames.every((frame) => frame.kind === 'input' && frame.run === run));
  assert.ok(bytesOf(frames).equals(pasted));
});

test('a message that a newer runner may send is passed over, the next one is heard', async () => {
  await using both = await openBoth();
  both.socket.send(JSON.stringify({ at: 1, type: 'packet' }));
  both.socket.send(JSON.stringify({ at: 2, type: 'welcome', version: '0.1.0', kernel: '6.18.44', resume: null }));
  assert.deepEqual(await both.messages.until((messages) => messages.length > 0), [
    { at: 2, type: 'welcome', version: '0.1.0', kernel: '6.18.44', resume: null },
  ]);
});

for (const [name, frame] of [
  ['text that is no JSON', 'hello'],
  ['JSON without a type', '{"at":1}'],
  ['a frame that is too short', new Uint8Array(3)],
  ['a frame of the page', encodeFrame({ kind: 'input', run: 1, at: 0, bytes: new Uint8Array(1) })],
] as const) {
  test(`${name} ends the session`, async () => {
    await using both = await openBoth();
    const closed = once(both.socket, 'close');
    both.socket.send(frame);
    assert.deepEqual(await both.ends.until((ends) => ends.length > 0), [{ kind: 'not-understood' }]);
    await closed;
  });
}

test('a runner that goes away is told as a lost connection', async () => {
  await using both = await openBoth();
  both.socket.close(1001, 'shutting down');
  assert.deepEqual(await both.ends.until((ends) => ends.length > 0), [{ kind: 'lost', code: 1001, reason: 'shutting down' }]);
});

test('closing the session reaches the runner, and the page hears nothing more of it', async () => {
  await using both = await openBoth();
  const closed = once(both.socket, 'close');
  both.session.close();
  await closed;
  assert.deepEqual(both.ends.items, []);
});

test('packets go to who shows packets, once the page has said that they are wanted', async () => {
  await using both = await openBoth();
  both.session.wantPackets(true);
  assert.deepEqual(await both.heard.until((heard) => heard.length === 1), [{ type: 'packets', wanted: true }]);
  both.socket.send(encodeFrame({ kind: 'packets', run: 2, at: 7.5, bytes: Uint8Array.of(1, 2, 3) }));
  const [frame] = await both.packets.until((frames) => frames.length === 1);
  assert.deepEqual(frame, { kind: 'packets', run: 2, at: 7.5, bytes: Uint8Array.of(1, 2, 3) });
  assert.deepEqual(both.frames.items, []);
});

test('where no runner listens the session is told to be unreachable', async () => {
  const server = new WebSocketServer({ host: '127.0.0.1', port: 0 });
  await once(server, 'listening');
  const port = portOf(server);
  await new Promise((resolve) => server.close(resolve));
  const ends = collect<SessionEnd>();
  const session = openSession(
    (path) => new URL(`ws://127.0.0.1:${port}/${path}`),
    { message: () => {}, output: () => {}, packets: () => {}, away: () => {}, full: () => {}, ended: ends.add },
    () => () => {},
  );
  assert.equal(await session.opened, false);
  assert.deepEqual(ends.items, [{ kind: 'unreachable' }]);
});

test('a socket that breaks is replaced by another one: what was not received is said again, the rest is not', async () => {
  await using both = await openBoth();
  both.socket.send(JSON.stringify(WELCOME));
  const run = both.session.run(request);
  await both.heard.until((heard) => heard.length === 1);
  both.socket.send(encodeFrame({ kind: 'output', run, at: 1, bytes: Buffer.from('one') }));
  await both.frames.until((frames) => frames.length === 1);
  both.socket.terminate();
  await both.away.until((away) => away.length === 1);
  both.session.input(run, Buffer.from('typed'));
  both.session.change({ kind: 'link-up', link: 'wifi', up: false });

  const { socket, asked } = await both.comeBack(1);
  assert.deepEqual(asked, { type: 'resume', session: 'ab12', secret: 'c2VjcmV0', received: 2 });
  socket.send(JSON.stringify({ type: 'resumed', received: 1 }));
  socket.send(encodeFrame({ kind: 'output', run, at: 2, bytes: Buffer.from('two') }));
  assert.deepEqual(await both.away.until((away) => away.length === 2), [true, false]);
  const texts = (await both.frames.until((frames) => frames.length === 2)).map(({ bytes }) => Buffer.from(bytes).toString());
  assert.deepEqual(texts, ['one', 'two']);
  const [typed] = await both.heardFrames.until((frames) => frames.length === 1);
  assert.equal(Buffer.from(typed?.bytes ?? []).toString(), 'typed');
  await both.heard.until((heard) => heard.some(({ type }) => type === 'condition'));
  assert.deepEqual(
    both.heard.items.map(({ type }) => type),
    ['run', 'condition'],
  );
  assert.deepEqual(both.ends.items, []);
});

test('a page that wakes up tries at once', async () => {
  await using both = await openBoth();
  both.socket.send(JSON.stringify(WELCOME));
  await both.messages.until((messages) => messages.length === 1);
  both.socket.terminate();
  await both.away.until((away) => away.length === 1);
  const lostAt = performance.now();
  // The first tries fail; the pauses after them would be several seconds.
  for (let count = 1; count <= 4; count++) {
    both.wake();
    const { socket } = await both.comeBack(count);
    if (count < 4) socket.terminate();
    else socket.send(JSON.stringify({ type: 'resumed', received: 0 }));
  }
  await both.away.until((away) => away.length === 2);
  assert.ok(performance.now() - lostAt < 500, `${performance.now() - lostAt} ms`);
});

test('a session that the runner has given up is over, with the reason', async () => {
  await using both = await openBoth();
  both.socket.send(JSON.stringify(WELCOME));
  await both.messages.until((messages) => messages.length === 1);
  both.socket.terminate();
  const { socket } = await both.comeBack(1);
  socket.send(JSON.stringify({ at: 0, type: 'error', code: 'unknown-session', message: 'Given up.' }));
  socket.close(CLOSE_NO_SUCH_SESSION);
  assert.deepEqual(await both.ends.until((ends) => ends.length > 0), [{ kind: 'given-up', why: 'Given up.' }]);
});

test('what is typed while the network is gone is kept up to a bound, and then said to be lost', async () => {
  await using both = await openBoth();
  both.socket.send(JSON.stringify(WELCOME));
  await both.messages.until((messages) => messages.length === 1);
  const run = both.session.run(request);
  both.socket.terminate();
  await both.away.until((away) => away.length === 1);
  both.session.input(run, new Uint8Array(MAX_KEPT_BYTES / 2));
  assert.equal(both.full(), 0);
  both.session.input(run, new Uint8Array(MAX_KEPT_BYTES / 2));
  assert.equal(both.full(), 1);
  both.session.input(run, Buffer.from('still room'));
  assert.equal(both.full(), 1);
});
