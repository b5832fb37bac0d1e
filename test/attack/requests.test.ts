import assert from 'node:assert/strict';
import { readdirSync } from 'node:fs';
import { eventually, type TestRunner } from '../lab/runner.ts';
import { closed, firstLine, rawConnect, rawUpgrade, SESSION, wholeAnswer } from './raw-client.ts';
import { attackService, helloWorks } from './service.ts';

const SILENT_SOCKETS = 1_000;
/** Answers that nobody takes, if the runner kept them all, would be some hundred MiB. */
const PIPELINED = 100_000;

const send = async (runner: TestRunner, text: string): Promise<string> => {
  const socket = await rawConnect(runner.address);
  socket.write(text);
  return wholeAnswer(socket);
};
const get = (runner: TestRunner, path: string, more: string[] = [], host = new URL(runner.address).host) =>
  send(runner, `GET ${path} HTTP/1.1\r\n${[`Host: ${host}`, 'Connection: close', ...more].join('\r\n')}\r\n\r\n`);
const statusOf = (answer: string): string => /^HTTP\/1\.1 (\d{3})/.exec(answer)?.[1] ?? 'cut off';

attackService('requests to the service', { CLIENT_SECONDS: '1' }, (attack) => {
  for (const [name, headers] of [
    ['of a foreign page', { Origin: 'https://attacker.example' }],
    ['of a page on another port', { Origin: 'http://127.0.0.1:1' }],
    ['of a page without an origin (null)', { Origin: 'null' }],
    ['without an Origin', { Origin: null }],
    ['whose Origin only begins like ours', { Origin: 'http://127.0.0.1.attacker.example' }],
    ['by a foreign name (DNS rebinding)', { Host: 'rebound.example', Origin: 'http://rebound.example' }],
    ['without a Host', { Host: null }],
  ] as const) {
    attack(`a WebSocket ${name}`, 'refused', async (runner) => {
      const socket = await rawUpgrade(runner.address, SESSION, headers);
      const line = await firstLine(socket);
      socket.destroy();
      assert.match(line, /^HTTP\/1\.1 40[03]/);
      return line;
    });
  }

  for (const path of [
    '/',
    '/api/status',
    '/api/devices/events',
    '/api/session/',
    '/api/session/../session2',
    '//api/session',
    '/%61pi/session',
    '/api/session%00',
    '/api/session;x',
  ]) {
    attack(`an upgrade at ${path}`, 'no session', async (runner) => {
      const socket = await rawUpgrade(runner.address, path);
      const line = await firstLine(socket);
      socket.destroy();
      assert.match(line, /^HTTP\/1\.1 40[034]/);
      return line;
    });
  }

  attack('a request line that is no address', 'refused', async (runner) => {
    const socket = await rawUpgrade(runner.address, 'http://[/');
    const line = await firstLine(socket);
    socket.destroy();
    assert.match(line, /^(HTTP\/1\.1 4\d\d|$)/);
    return line === '' ? 'cut off' : line;
  });

  for (const path of [
    '/',
    '/index.html',
    '/api/status',
    '/api/devices',
    '/api/devices/events',
    '/healthz',
    '/readyz',
    '/no/such/page',
  ]) {
    attack(`${path} by a foreign name (DNS rebinding)`, '403', async (runner) => {
      const status = statusOf(await get(runner, path, [], 'rebound.example'));
      assert.equal(status, '403');
      return status;
    });
  }

  attack('the events of devices, from a foreign page', '403', async (runner) => {
    const status = statusOf(await get(runner, '/api/devices/events', ['Origin: https://attacker.example']));
    assert.equal(status, '403');
    return status;
  });

  for (const path of [
    '/../package.json',
    '/..%2f..%2fpackage.json',
    '/%2e%2e/%2e%2e/etc/passwd',
    '/....//....//etc/passwd',
    '/..\\..\\etc\\passwd',
    '/..%5c..%5cetc%5cpasswd',
    '/%c0%ae%c0%ae/etc/passwd',
    '/index.html%00.png',
    '//etc/passwd',
    '/%2fetc%2fpasswd',
    'file:///etc/passwd',
    '/.git/config',
    '/_astro/../../package.json',
  ]) {
    attack(`the path ${path}`, 'nothing of the machine', async (runner) => {
      const answer = await get(runner, path);
      assert.match(statusOf(answer), /^(400|403|404|cut off)$/);
      assert.doesNotMatch(answer, /"dependencies"|root:|\[core\]/);
      return statusOf(answer);
    });
  }

  const ours = (runner: TestRunner) => `Host: ${new URL(runner.address).host}`;
  for (const [name, request] of [
    ['a method of proxies', (runner: TestRunner) => `CONNECT example.org:443 HTTP/1.1\r\n${ours(runner)}\r\n\r\n`],
    ['a method that mirrors', (runner: TestRunner) => `TRACE / HTTP/1.1\r\n${ours(runner)}\r\nConnection: close\r\n\r\n`],
    [
      'a method that stores',
      (runner: TestRunner) => `PUT /index.html HTTP/1.1\r\n${ours(runner)}\r\nConnection: close\r\nContent-Length: 1\r\n\r\nx`,
    ],
    [
      'two lengths of one body',
      (runner: TestRunner) => `POST / HTTP/1.1\r\n${ours(runner)}\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\nxx`,
    ],
    [
      'a length and chunks (smuggling)',
      (runner: TestRunner) =>
        `POST / HTTP/1.1\r\n${ours(runner)}\r\nContent-Length: 4\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n`,
    ],
    [
      'a body beyond its limit',
      (runner: TestRunner) =>
        `POST /api/status HTTP/1.1\r\n${ours(runner)}\r\nConnection: close\r\nContent-Type: application/json\r\nContent-Length: 1073741824\r\n\r\n{`,
    ],
    [
      'a line of 64 KiB',
      (runner: TestRunner) => `GET /${'x'.repeat(65_536)} HTTP/1.1\r\n${ours(runner)}\r\nConnection: close\r\n\r\n`,
    ],
    ['20,000 header lines', (runner: TestRunner) => `GET / HTTP/1.1\r\n${ours(runner)}\r\n${'X-Y: z\r\n'.repeat(20_000)}\r\n`],
    ['no HTTP at all', () => '\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03'],
  ] as const) {
    attack(name, 'refused', async (runner) => {
      const answer = await send(runner, request(runner));
      assert.match(statusOf(answer), /^(4\d\d|cut off)$/);
      return statusOf(answer);
    });
  }

  for (const [name, start, drip] of [
    ['a head by single bytes', 'GET / HTTP/1.1\r\nX-Slow: ', 'x'],
    ['a body by single bytes', 'POST /api/status HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: 1000\r\n\r\n', 'x'],
    ['an upgrade that is never finished', `GET ${SESSION} HTTP/1.1\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n`, ''],
  ] as const) {
    attack(name, 'cut off', async (runner) => {
      const socket = await rawConnect(runner.address);
      socket.write(start);
      const dripping = setInterval(() => socket.write(drip), 50);
      socket.resume();
      await closed(socket);
      clearInterval(dripping);
      return 'cut off';
    });
  }

  attack('an answer that nobody reads', 'cut off', async (runner) => {
    const socket = await rawConnect(runner.address);
    socket.pause();
    socket.write(`GET /api/status HTTP/1.1\r\n${ours(runner)}\r\n\r\n`.repeat(PIPELINED));
    await eventually('the runner has closed it', async () => {
      // Its reset shows at a write, since nothing is read.
      socket.write('\r\n');
      return socket.destroyed;
    });
    return 'cut off';
  });

  attack(`${SILENT_SOCKETS} sockets that never speak`, 'others are served, all are cut off', async (runner) => {
    const before = readdirSync('/proc/self/fd').length;
    const sockets = await Promise.all(Array.from({ length: SILENT_SOCKETS }, () => rawConnect(runner.address)));
    for (const socket of sockets) socket.resume();
    await helloWorks(runner);
    await Promise.all(sockets.map(closed));
    await eventually('their descriptors are given back', () => readdirSync('/proc/self/fd').length <= before + 10);
    return 'others are served, all are cut off';
  });
});
