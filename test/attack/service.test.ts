import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { readdirSync } from 'node:fs';
import { connect, type Socket } from 'node:net';
import { after, before, describe, test } from 'node:test';
import { PROTOCOL } from '../../protocol/version.ts';
import { eventually, startRunner, type TestRunner } from '../lab/runner.ts';
import { visit } from '../lab/visitor.ts';
import { missing } from '../require.ts';
import { openReport } from './report.ts';

const SESSION = '/api/session';
const SILENT_SOCKETS = 1_000;
/** What an attack may leave in the runner's memory until it is collected. */
const SPARE_BYTES = 64 * 1024 * 1024;

describe('attacks on the service', { skip: await missing('lab') }, () => {
  const report = openReport('Clients of the socket');
  let runner: TestRunner;
  before(async () => {
    runner = await startRunner();
  });
  after(async () => {
    await runner[Symbol.asyncDispose]();
    report.print();
  });

  const upgrade = async (path = SESSION, more: string[] = []): Promise<Socket> => {
    const { hostname, port, host, origin } = new URL(runner.address);
    const socket = connect(Number(port), hostname);
    socket.on('error', () => {});
    await once(socket, 'connect');
    const head = [
      `GET ${path} HTTP/1.1`,
      `Host: ${host}`,
      `Origin: ${origin}`,
      'Connection: Upgrade',
      'Upgrade: websocket',
      'Sec-WebSocket-Version: 13',
      `Sec-WebSocket-Key: ${randomBytes(16).toString('base64')}`,
      `Sec-WebSocket-Protocol: ${PROTOCOL}`,
      ...more,
    ];
    socket.write(`${head.join('\r\n')}\r\n\r\n`);
    return socket;
  };
  const firstLine = async (socket: Socket): Promise<string> => {
    const [chunk] = await Promise.race([once(socket, 'data'), once(socket, 'close').then(() => [''])]);
    return String(chunk).split('\r\n')[0] ?? '';
  };
  /** A hello of another visitor, while the attack goes on or right after it. */
  const helloWorks = async () => {
    await using visitor = await visit(runner.address);
    visitor.run(1, 'client', 'python', { 'client.py': 'print("still here")' });
    await visitor.untilOutput(1, 'still here');
  };
  const attack = (name: string, means: string, carryOut: () => Promise<string>) =>
    test(`${name}: ${means}`, async () => {
      const before = process.memoryUsage.rss();
      const seen = await carryOut();
      report.add({ attack: name, expected: means, seen });
      const grown = process.memoryUsage.rss() - before;
      assert.ok(grown < SPARE_BYTES, `the runner grew by ${grown >> 20} MiB`);
      await helloWorks();
    });

  const frame = (first: number, length: number[], payload: Buffer = Buffer.alloc(0)) =>
    Buffer.concat([Buffer.from([first, ...length]), Buffer.alloc(4), payload]);
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
    attack(name, `closed with ${closes}`, async () => {
      const socket = await upgrade();
      let received = Buffer.alloc(0);
      socket.on('data', (chunk: Buffer) => {
        received = Buffer.concat([received, chunk]);
      });
      await eventually('the session is open', () => received.includes('welcome'));
      socket.write(bytes);
      await once(socket, 'close');
      assert.equal(received.readUInt16BE(received.lastIndexOf(Buffer.from([0x88])) + 2), closes);
      return `closed with ${closes}`;
    });
  }

  attack('a message in endless parts', 'cut off', async () => {
    const socket = await upgrade();
    await firstLine(socket);
    const part = frame(0x00, [0x80 | 127, 0, 0, 0, 0, 0, 1, 0, 0], Buffer.alloc(65_536));
    socket.write(frame(0x01, [0x80]));
    let sentBytes = 0;
    const closed = once(socket, 'close');
    while (!socket.destroyed && sentBytes < 256 << 20) {
      sentBytes += 65_536;
      if (!socket.write(part)) await Promise.race([once(socket, 'drain'), closed]);
    }
    await closed;
    assert.ok(sentBytes < 64 << 20, `${sentBytes} bytes were taken`);
    return 'cut off';
  });

  attack('an offer to compress', 'not taken up', async () => {
    const socket = await upgrade(SESSION, ['Sec-WebSocket-Extensions: permessage-deflate']);
    const [chunk] = await once(socket, 'data');
    socket.destroy();
    assert.doesNotMatch(String(chunk), /permessage-deflate/i);
    return 'not taken up';
  });

  attack('a flood of header lines', 'refused', async () => {
    const socket = await upgrade(
      SESSION,
      Array.from({ length: 20_000 }, (_, index) => `X-${index}: ${'x'.repeat(100)}`),
    );
    const line = await firstLine(socket);
    socket.destroy();
    assert.match(line, /^(HTTP\/1\.1 431|$)/);
    return line === '' ? 'cut off' : line;
  });

  for (const path of ['/', '/api/status', '/api/session/', '/api/session/../session2', '//api/session', '/%61pi/session']) {
    attack(`an upgrade at ${path}`, 'no session', async () => {
      const socket = await upgrade(path);
      const line = await firstLine(socket);
      socket.destroy();
      assert.match(line, /^HTTP\/1\.1 40[034]/);
      return line;
    });
  }

  attack('a request line that is no address', 'refused', async () => {
    const socket = await upgrade('http://[/');
    const line = await firstLine(socket);
    socket.destroy();
    assert.match(line, /^(HTTP\/1\.1 4\d\d|$)/);
    return line === '' ? 'cut off' : line;
  });

  attack('upgrades that are reset at once', 'others are served', async () => {
    for (let attempt = 0; attempt < 50; attempt++) (await upgrade(attempt % 2 === 0 ? '/' : SESSION)).resetAndDestroy();
    return 'others are served';
  });

  test(`${SILENT_SOCKETS} sockets that never speak: others are served, all is given back`, async () => {
    const { hostname, port } = new URL(runner.address);
    const before = readdirSync('/proc/self/fd').length;
    const sockets = Array.from({ length: SILENT_SOCKETS }, () => connect(Number(port), hostname).on('error', () => {}));
    await Promise.all(sockets.map((socket) => once(socket, 'connect')));
    await helloWorks();
    for (const socket of sockets) socket.destroy();
    await eventually('their descriptors are given back', () => readdirSync('/proc/self/fd').length <= before + 10);
    report.add({ attack: 'a thousand sockets that never speak', expected: 'others are served', seen: 'others are served' });
  });
});
