import assert from 'node:assert/strict';
import type { IncomingMessage } from 'node:http';
import { after, before, describe, test } from 'node:test';
import WebSocket from 'ws';
import { MAX_FILE_BYTES, MAX_FRAME_BYTES } from '../../protocol/message.ts';
import { PROTOCOL } from '../../protocol/version.ts';
import { missing } from '../require.ts';
import { eventually, startRunner, type TestRunner } from './runner.ts';
import { visit } from './visitor.ts';

describe('a session', { skip: await missing('lab') }, () => {
  let runner: TestRunner;
  before(async () => {
    runner = await startRunner({ LABS: '3', QUEUE: '1' });
  });
  after(() => runner[Symbol.asyncDispose]());

  const size = { columns: 80, rows: 24 };
  const run = { type: 'run', run: 1, host: 'client', snippet: 'python', files: {}, ...size };
  const FAULTS: { name: string; send: string | Uint8Array<ArrayBuffer>; code: string; message: RegExp }[] = [
    { name: 'no JSON', send: 'hello?', code: 'malformed', message: /Expected a JSON message, found "hello\?"/ },
    { name: 'an unknown message', send: '{"type":"dance"}', code: 'malformed', message: /as "type", found "dance"/ },
    { name: 'a missing field', send: '{"type":"stop"}', code: 'malformed', message: /as "run", found undefined/ },
    {
      name: 'an unknown snippet',
      send: JSON.stringify({ ...run, snippet: 'cobol' }),
      code: 'unknown-snippet',
      message: /No snippet "cobol". Known: .*\bpython\b/,
    },
    {
      name: 'an unknown host',
      send: JSON.stringify({ ...run, host: 'moon' }),
      code: 'unknown-host',
      message: /"client" \| "server".*found "moon"/,
    },
    {
      name: 'a file that is not in the manifest',
      send: JSON.stringify({ ...run, files: { '../evil.py': '' } }),
      code: 'unknown-file',
      message: /No file "..\/evil.py" in python/,
    },
    {
      name: 'a file that is too long',
      send: JSON.stringify({ ...run, files: { 'client.py': '#'.repeat(MAX_FILE_BYTES + 1) } }),
      code: 'too-large',
      message: /client.py is 257 KiB long; at most 256 KiB/,
    },
    { name: 'an oversized frame', send: 'x'.repeat(MAX_FRAME_BYTES + 1), code: 'too-large', message: /at most 2097152 bytes/ },
    { name: 'a run that never was', send: '{"type":"stop","run":7}', code: 'unknown-run', message: /No run 7/ },
    { name: 'a short binary frame', send: new Uint8Array(3), code: 'malformed', message: /Expected a frame of terminal input/ },
    {
      name: 'an output frame',
      send: new Uint8Array(13).fill(1),
      code: 'malformed',
      message: /Expected a frame of terminal input/,
    },
    { name: 'a terminal of no size', send: JSON.stringify({ ...run, columns: 0 }), code: 'malformed', message: /as "columns"/ },
  ];

  for (const { name, send, code, message } of FAULTS) {
    test(`${name} is answered by a clear error, and the session goes on`, async () => {
      await using visitor = await visit(runner.address);
      visitor.send(send);
      const error = await visitor.until('error');
      assert.equal(error.code, code);
      assert.match(error.message, message);
      visitor.run(2, 'client', 'python', { 'client.py': 'print("still alive")' });
      await visitor.until('run-ended', (event) => event.run === 2);
      assert.match(visitor.output(2), /still alive/);
    });
  }

  test('a run out of order is refused', async () => {
    await using visitor = await visit(runner.address);
    visitor.run(5, 'client', 'python', { 'client.py': '' });
    visitor.run(5, 'client', 'python');
    const error = await visitor.until('error');
    assert.equal(error.code, 'out-of-order');
    assert.match(error.message, /higher than 5, found 5/);
  });

  test('a page of another protocol version learns it, and is closed', async () => {
    const visitor = await visit(runner.address, { protocol: 'hello-mptcp.v1' });
    const error = await visitor.until('error');
    assert.equal(error.code, 'protocol-version');
    assert.match(error.message, /speaks hello-mptcp\.v2, the page asked for "hello-mptcp\.v1"/);
    assert.equal(await visitor.closed(), 1002);
  });

  test('a peer of nothing but faults is cut off', async () => {
    const visitor = await visit(runner.address);
    for (let i = 0; i < 200; i++) visitor.send('?');
    assert.equal(await visitor.closed(), 1008);
    assert.ok(visitor.events.length <= 102);
  });

  const STRANGERS = [
    { name: 'another origin', headers: { origin: 'http://attacker.example' } },
    { name: 'the null origin', headers: { origin: 'null' } },
    { name: 'no origin', headers: {} },
    { name: 'another port as its origin', headers: { origin: 'http://127.0.0.1:1' } },
    { name: 'a foreign host', headers: { origin: 'http://rebound.example', host: 'rebound.example' } },
  ];
  for (const { name, headers } of STRANGERS) {
    test(`a WebSocket with ${name} is refused`, async () => {
      const socket = new WebSocket(new URL('api/session', runner.address.replace('http', 'ws')), PROTOCOL, { headers });
      const [response] = await new Promise<[IncomingMessage]>((resolve) => {
        socket.once('unexpected-response', (_request, answer) => resolve([answer]));
        socket.once('error', () => {});
      });
      assert.equal(response.statusCode, 403);
      socket.terminate();
    });
  }

  test('two visitors are in two labs', async () => {
    await using one = await visit(runner.address);
    await using two = await visit(runner.address);
    one.run(1, 'server', 'python');
    await one.untilOutput(1, 'listening');
    two.run(1, 'client', 'python');
    const { verdict } = await two.until('verdict', (event) => event.final);
    assert.equal(verdict.kind, 'nothing');
    const [first, second] = [await one.until('lab-opened'), await two.until('lab-opened')];
    assert.notEqual(first.lab, second.lab);
  });

  test('when all labs are taken, the next visitor waits in line, and one more is told to come back', async () => {
    await eventually('all labs are given back', async () => (await runner.status()).labs.open === 0);
    const idle = { 'client.py': 'input()' };
    await using one = await visit(runner.address);
    await using two = await visit(runner.address);
    await using three = await visit(runner.address);
    for (const visitor of [one, two, three]) visitor.run(1, 'client', 'python', idle);
    for (const visitor of [one, two, three]) await visitor.until('lab-opened');
    await using waiting = await visit(runner.address);
    waiting.run(1, 'client', 'python', { 'client.py': 'print("my turn")' });
    assert.equal((await waiting.until('waiting', (event) => event.for === 'lab' && event.position === 1)).for, 'lab');
    await using refused = await visit(runner.address);
    refused.run(1, 'client', 'python');
    assert.equal((await refused.until('error')).code, 'busy');
    assert.equal((await fetch(new URL('readyz', runner.address))).status, 503);

    one.socket().close();
    await waiting.untilOutput(1, 'my turn');
  });

  test('Stop ends a run that still waits in line', async () => {
    await using crowded = await startRunner({ LABS: '1' });
    await using first = await visit(crowded.address);
    first.run(1, 'client', 'python', { 'client.py': 'input()' });
    await first.until('lab-opened');
    await using second = await visit(crowded.address);
    second.run(1, 'client', 'python');
    await second.until('waiting');
    second.say({ type: 'stop', run: 1 });
    assert.deepEqual((await second.until('run-ended')).end, { kind: 'stopped', by: 'learner' });
  });

  test('Stop ends a client at once that is built and waits for its server', async () => {
    await using visitor = await visit(runner.address);
    visitor.run(1, 'server', 'python', { 'server.py': 'input()' });
    visitor.run(2, 'client', 'c');
    await visitor.until('run-phase', ({ run, phase }) => run === 2 && phase === 'waiting');
    const stoppedAt = performance.now();
    visitor.say({ type: 'stop', run: 2 });
    assert.deepEqual((await visitor.until('run-ended', (event) => event.run === 2)).end, { kind: 'stopped', by: 'learner' });
    assert.ok(performance.now() - stoppedAt < 900, `${performance.now() - stoppedAt} ms`);
  });

  test('closing the page gives the lab back and ends its programs', async () => {
    await eventually('all labs are given back', async () => (await runner.status()).labs.open === 0);
    const visitor = await visit(runner.address);
    visitor.run(1, 'server', 'python');
    await visitor.untilOutput(1, 'listening');
    assert.equal((await runner.status()).labs.open, 1);
    visitor.socket().close();
    await eventually('the lab is given back', async () => (await runner.status()).labs.open === 0);
  });
});
