import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { once } from 'node:events';
import type { Socket } from 'node:net';
import { deflateRawSync } from 'node:zlib';
import { encodeFrame } from '../../protocol/frame.ts';
import { MAX_FILE_BYTES, UNACKNOWLEDGED_HIGH_BYTES } from '../../protocol/message.ts';
import { eventually } from '../lab/runner.ts';
import { visit } from '../lab/visitor.ts';
import { closed, firstLine, frame, rawUpgrade } from './raw-client.ts';
import { attackService } from './service.ts';

const MIB = 1024 * 1024;
/** Far more than the runner may keep for a session. */
const FLOOD_BYTES = 512 * MIB;

/** A gibibyte of zeroes, as permessage-deflate would send it (RFC 7692). */
const bomb = () => {
  const piece = deflateRawSync(Buffer.alloc(64 * MIB), { level: 9 });
  return Buffer.concat(Array.from({ length: 16 }, () => piece));
};

attackService('frames of a session', {}, (attack) => {
  const FRAMES: { name: string; bytes: Buffer; closes: number }[] = [
    { name: 'a frame without a mask', bytes: Buffer.from([0x81, 0x01, 0x61]), closes: 1002 },
    { name: 'a frame that says it is compressed', bytes: frame(0xc1, [0x80 | 4], Buffer.from('aaaa')), closes: 1002 },
    { name: 'a frame of an unknown kind', bytes: frame(0x83, [0x80]), closes: 1002 },
    { name: 'a long ping', bytes: frame(0x89, [0x80 | 126, 1, 0], Buffer.alloc(256)), closes: 1002 },
    { name: 'a ping in parts', bytes: frame(0x09, [0x80]), closes: 1002 },
    { name: 'a continuation of nothing', bytes: frame(0x80, [0x80]), closes: 1002 },
    { name: 'a frame of 2^62 bytes', bytes: frame(0x82, [0x80 | 127, 0x40, 0, 0, 0, 0, 0, 0, 0]), closes: 1009 },
    { name: 'a frame of 1 GiB', bytes: frame(0x82, [0x80 | 127, 0, 0, 0, 0, 0x40, 0, 0, 0]), closes: 1009 },
    { name: 'text that is no UTF-8', bytes: frame(0x81, [0x80 | 2], Buffer.from([0xff, 0xfe])), closes: 1007 },
  ];
  for (const { name, bytes, closes } of FRAMES) {
    attack(name, `closed with ${closes}`, async (runner) => {
      const socket = await rawUpgrade(runner.address);
      const received = await opened(socket);
      socket.write(bytes);
      await once(socket, 'close');
      assert.equal(closeCode(received()), closes);
      return `closed with ${closes}`;
    });
  }

  attack('a message in endless parts', 'cut off', async (runner) => {
    const part = frame(0x00, [0x80 | 127, 0, 0, 0, 0, 0, 1, 0, 0], Buffer.alloc(65_536));
    return cutOff(await rawUpgrade(runner.address), frame(0x01, [0x80]), part);
  });

  attack('a message in parts of one byte', 'cut off', async (runner) => {
    const part = frame(0x00, [0x80 | 1], Buffer.from('x'));
    const parts = Buffer.concat(Array.from({ length: 10_000 }, () => part));
    return cutOff(await rawUpgrade(runner.address), frame(0x01, [0x80]), parts);
  });

  attack('a message in parts of nothing', 'cut off', async (runner) => {
    const parts = Buffer.concat(Array.from({ length: 10_000 }, () => frame(0x00, [0x80])));
    return cutOff(await rawUpgrade(runner.address), frame(0x01, [0x80]), parts);
  });

  attack('an offer to compress', 'not taken up', async (runner) => {
    const socket = await rawUpgrade(runner.address, undefined, { 'Sec-WebSocket-Extensions': 'permessage-deflate' });
    const [chunk] = await once(socket, 'data');
    socket.destroy();
    assert.doesNotMatch(String(chunk), /permessage-deflate/i);
    return 'not taken up';
  });

  attack('a bomb of 1 GiB, compressed', 'closed with 1002, not unpacked', async (runner) => {
    const socket = await rawUpgrade(runner.address, undefined, { 'Sec-WebSocket-Extensions': 'permessage-deflate' });
    const received = await opened(socket);
    const packed = bomb();
    const length = Buffer.alloc(8);
    length.writeBigUInt64BE(BigInt(packed.length));
    socket.write(frame(0xc1, [0x80 | 127, ...length], packed));
    await once(socket, 'close');
    assert.equal(closeCode(received()), 1002);
    return 'closed with 1002, not unpacked';
  });

  attack('pings without end, whose answers nobody reads', 'cut off', async (runner) => {
    const socket = await rawUpgrade(runner.address);
    await opened(socket);
    socket.pause();
    const ping = frame(0x89, [0x80 | 125], Buffer.alloc(125));
    return cutOff(socket, Buffer.alloc(0), Buffer.concat(Array.from({ length: 500 }, () => ping)));
  });

  attack('a session that reads nothing, while its program floods', 'the program waits', async (runner) => {
    await using visitor = await visit(runner.address);
    visitor.run(1, 'client', 'python', { 'client.py': 'while True: print("y" * 1000)' });
    await visitor.untilOutput(1, 'yyy');
    visitor.stall();
    // As long as it takes the program to fill what it may, several times over.
    await new Promise((resolve) => setTimeout(resolve, 500));
    const before = visitor.outputBytes(1);
    visitor.resume();
    await eventually('what had been sent arrives', () => visitor.outputBytes(1) > before);
    assert.ok(visitor.outputBytes(1) - before < 2 * UNACKNOWLEDGED_HIGH_BYTES);
    return 'the program waits';
  });

  attack('typing that its program does not read', 'told, and the runner rests', async (runner) => {
    await using visitor = await visit(runner.address);
    visitor.run(1, 'client', 'python', { 'client.py': 'import time\nprint("asleep")\ntime.sleep(30)' });
    await visitor.untilOutput(1, 'asleep');
    const line = Buffer.from(`${'x'.repeat(99)}\n`.repeat(640));
    const typed = encodeFrame({ kind: 'input', run: 1, at: 0, bytes: line });
    for (let sent = 0; sent < 4 * MIB; sent += typed.length) visitor.send(typed);
    await visitor.until('error', ({ code }) => code === 'busy');
    const before = process.cpuUsage();
    await new Promise((resolve) => setTimeout(resolve, 1_000));
    const { user, system } = process.cpuUsage(before);
    const milliseconds = Math.round((user + system) / 1_000);
    assert.ok(milliseconds < 400, `${milliseconds} ms of CPU time in a second`);
    return 'told, and the runner rests';
  });

  attack('a paste that its program reads late', 'whole and in order', async (runner) => {
    await using visitor = await visit(runner.address);
    const reader = `import sys, time, termios, tty, hashlib
tty.setraw(0)
print("asleep", end="", flush=True); time.sleep(0.5)
data = b""
while len(data) < 300000: data += sys.stdin.buffer.raw.read(65536)
print(hashlib.sha256(data).hexdigest())`;
    visitor.run(1, 'client', 'python', { 'client.py': reader });
    await visitor.untilOutput(1, 'asleep');
    const text = Array.from({ length: 30_000 }, (_, index) => `line ${String(index).padStart(5)}`.slice(-10)).join('');
    for (let start = 0; start < text.length; start += 50_000) visitor.type(1, text.slice(start, start + 50_000));
    await visitor.untilOutput(1, createHash('sha256').update(text).digest('hex'));
    return 'whole and in order';
  });

  attack('a hundred runs at once, each with files as large as can be', 'refused but for some', async (runner) => {
    await using visitor = await visit(runner.address);
    const padding = '#'.repeat(MAX_FILE_BYTES - 100);
    const deaf = 'import signal, time\nsignal.signal(signal.SIGTERM, signal.SIG_IGN)\nprint("deaf")\ntime.sleep(60)\n';
    visitor.run(1, 'client', 'python', { 'client.py': deaf });
    await visitor.untilOutput(1, 'deaf');
    const files = { 'client.py': padding, 'server.py': padding };
    const asked = { type: 'run', host: 'client', snippet: 'python', files, columns: 80, rows: 24 };
    // Past the visitor, who would keep them all; each once the one before it is on its way.
    for (let run = 2; run <= 101; run++) {
      await new Promise((resolve) => visitor.socket().send(JSON.stringify({ ...asked, run }), resolve));
    }
    const { code } = await visitor.until('error');
    assert.equal(code, 'busy');
    await visitor.until('run-ended', (event) => event.run === 1);
    return 'refused but for some';
  });

  for (const [name, text] of [
    ['JSON that is deep', `${'['.repeat(500_000)}${']'.repeat(500_000)}`],
    [
      'a prototype in the place of a file',
      '{"type":"run","run":1,"snippet":"python","host":"client","columns":80,"rows":24,"files":{"__proto__":{"x":"y"}}}',
    ],
    ['a prototype as a type', '{"type":"__proto__","__proto__":{"type":"run"}}'],
    [
      'a file by a path',
      '{"type":"run","run":1,"snippet":"python","host":"client","columns":80,"rows":24,"files":{"../../x":"y"}}',
    ],
    ['a snippet by a path', '{"type":"run","run":1,"snippet":"../../etc","host":"client","columns":80,"rows":24}'],
    ['a terminal of no size', '{"type":"run","run":1,"snippet":"python","host":"client","columns":1e9,"rows":-1}'],
    ['a run without a number', '{"type":"run","run":1e309,"snippet":"python","host":"client","columns":80,"rows":24}'],
  ] as const) {
    attack(name, 'an error, or without effect', async (runner) => {
      await using visitor = await visit(runner.address);
      visitor.send(text);
      const answer = await Promise.race([visitor.until('error'), visitor.until('run-ended')]);
      assert.equal(Object.hasOwn(Object.prototype, 'x'), false);
      return answer.type === 'error' ? `an error: ${answer.code}` : 'without effect';
    });
  }

  attack('upgrades that are reset at once', 'others are served', async (runner) => {
    for (let attempt = 0; attempt < 50; attempt++) {
      (await rawUpgrade(runner.address, attempt % 2 === 0 ? '/' : undefined)).resetAndDestroy();
    }
    return 'others are served';
  });

  attack('a head without an end', 'cut off', async (runner) => {
    const lines = Array.from({ length: 20_000 }, (_, index) => `X-${index}: ${'x'.repeat(100)}`);
    const socket = await rawUpgrade(runner.address, undefined, {}, lines);
    const line = await firstLine(socket);
    socket.destroy();
    assert.match(line, /^(HTTP\/1\.1 431|$)/);
    return line === '' ? 'cut off' : line;
  });
});

/** Resolves once the session has spoken; gives all that comes from then on. */
async function opened(socket: Socket): Promise<() => Buffer> {
  let received = Buffer.alloc(0);
  socket.on('data', (chunk: Buffer) => {
    received = Buffer.concat([received, chunk]);
  });
  await eventually('the session is open', () => received.includes('welcome'));
  return () => received;
}

function closeCode(received: Buffer): number {
  return received.readUInt16BE(received.lastIndexOf(Buffer.from([0x88])) + 2);
}

/** Sends the same again and again until the runner has had enough, and fails when that takes too long. */
async function cutOff(socket: Socket, first: Buffer, part: Buffer): Promise<string> {
  if (!socket.isPaused()) await firstLine(socket);
  socket.write(first);
  let sentBytes = 0;
  while (!socket.destroyed && sentBytes < FLOOD_BYTES) {
    sentBytes += part.length;
    const drained = new Promise((resolve) => socket.once('drain', resolve));
    if (!socket.write(part)) await Promise.race([drained, closed(socket)]);
  }
  const taken = sentBytes;
  socket.destroy();
  await closed(socket);
  assert.ok(taken < FLOOD_BYTES, `${taken} bytes were taken`);
  return 'cut off';
}
