import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { missing } from '../require.ts';
import { eventually, startRunner, type TestRunner } from './runner.ts';
import { visit } from './visitor.ts';

const IDLE = { kind: 'limit', limit: 'idle-time', value: 2, unit: 's' } as const;

// They wait, most of the time.
describe('a program that does nothing', { skip: await missing('lab'), concurrency: true }, () => {
  let runner: TestRunner;
  before(async () => {
    runner = await startRunner({ RUN_IDLE_SECONDS: '2', LABS: '8' });
  });
  after(() => runner[Symbol.asyncDispose]());

  for (const [name, source] of [
    ['sleeps', 'import time\nprint("kept")\ntime.sleep(60)'],
    ['waits for what nobody types', 'print("kept")\ninput()'],
    ['stops itself and its group', 'import os, signal\nprint("kept")\nos.kill(0, signal.SIGSTOP)'],
  ] as const) {
    test(`because it ${name} is ended, the limit is named, the output is kept`, async () => {
      await using visitor = await visit(runner.address);
      visitor.run(1, 'client', 'python', { 'client.py': source });
      const { end, durationMs } = await visitor.until('run-ended');
      assert.deepEqual(end, IDLE);
      assert.match(visitor.output(1), /kept/);
      assert.ok(durationMs > 2_000, `${durationMs} ms`);
    });
  }

  for (const [name, source] of [
    ['prints', 'import time\nfor _ in range(20): print("."); time.sleep(0.2)'],
    ['computes', 'import time\nend = time.monotonic() + 4\nwhile time.monotonic() < end: pass'],
    [
      'sends a byte now and then',
      'import socket, time\ns = socket.create_connection(("server.lab", 8262))\nfor _ in range(8): s.send(b"."); time.sleep(0.5)',
    ],
  ] as const) {
    test(`and one that ${name} is left alone, with the server that waits for it`, async () => {
      await using visitor = await visit(runner.address);
      const server = 'import socket\nl = socket.create_server(("", 8262))\nprint("ready")\nc = l.accept()\ninput()';
      visitor.run(1, 'server', 'python', { 'server.py': server });
      visitor.run(2, 'client', 'python', { 'client.py': source });
      assert.deepEqual((await visitor.until('run-ended', ({ run }) => run === 2)).end, { kind: 'exit', code: 0 });
      const { end } = await visitor.until('run-ended', ({ run }) => run === 1);
      assert.deepEqual(end, { kind: 'stopped', by: 'client-ended' });
    });
  }

  test('and one into which is typed, or whose page is away, is left alone', async () => {
    await using visitor = await visit(runner.address);
    visitor.run(1, 'client', 'python', { 'client.py': 'print("ready")\ninput()' });
    await visitor.untilOutput(1, 'ready');
    for (let typed = 0; typed < 6; typed++) {
      visitor.type(1, 'x');
      await new Promise((resolve) => setTimeout(resolve, 500));
    }
    await visitor.lose();
    await new Promise((resolve) => setTimeout(resolve, 3_000));
    await visitor.comeBack();
    visitor.type(1, '\r');
    assert.deepEqual((await visitor.until('run-ended')).end, { kind: 'exit', code: 0 });
  });
});

describe('a lab that nobody uses', { skip: await missing('lab') }, () => {
  test('is given back after the time that is told, and the next run takes another one', async () => {
    await using runner = await startRunner({ LAB_IDLE_SECONDS: '1' });
    await using visitor = await visit(runner.address);
    visitor.run(1, 'client', 'python', { 'client.py': 'import time\nfor _ in range(8): print("."); time.sleep(0.2)' });
    const { end, at } = await visitor.until('run-ended');
    assert.deepEqual(end, { kind: 'exit', code: 0 });
    const closed = await visitor.until('lab-closed');
    assert.equal(closed.why, 'Your lab was given back after 1 s without use. Run takes a new one.');
    assert.ok(closed.at - at > 1_000, `${closed.at - at} ms`);
    await eventually('its place is free', async () => (await runner.status()).labs.open === 0);
    visitor.run(2, 'client', 'python', { 'client.py': 'print("again")' });
    await visitor.untilOutput(2, 'again');
    assert.equal(visitor.events.filter(({ type }) => type === 'lab-opened').length, 2);
  });

  test('with a shell in which nobody works ends with that shell', async () => {
    await using runner = await startRunner({ LAB_IDLE_SECONDS: '2', SHELLS: 'on' });
    await using visitor = await visit(runner.address);
    visitor.say({ type: 'shell', run: 1, host: 'client', snippets: [], columns: 80, rows: 24 });
    await visitor.until('shell-started');
    for (let typed = 0; typed < 6; typed++) {
      visitor.type(1, 'true\r');
      await new Promise((resolve) => setTimeout(resolve, 500));
    }
    assert.equal(
      visitor.events.some(({ type }) => type === 'lab-closed'),
      false,
    );
    assert.deepEqual((await visitor.until('shell-ended')).end, { kind: 'stopped', by: 'idle' });
    await visitor.until('lab-closed');
  });
});
