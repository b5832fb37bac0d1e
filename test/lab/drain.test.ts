import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import type { IncomingMessage } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { describe, test } from 'node:test';
import WebSocket from 'ws';
import { readSnippets } from '../../protocol/read-snippets.ts';
import { SESSION_PATH } from '../../protocol/resume.ts';
import { PROTOCOL } from '../../protocol/version.ts';
import { missing } from '../require.ts';
import { eventually, startRunner } from './runner.ts';
import { visit } from './visitor.ts';

/** Waits for a line, then says so, and is done. */
const WAITING = { 'client.py': 'print("waiting")\ninput()\nprint("went on")' };
const DEAF = {
  'client.py': 'import signal, time\nsignal.signal(signal.SIGTERM, signal.SIG_IGN)\nprint("waiting")\ntime.sleep(60)',
};

describe('a runner that is asked to end', { skip: await missing('lab') }, () => {
  test('takes no new session, and lets what runs come to its end', async () => {
    await using runner = await startRunner();
    await using visitor = await visit(runner.address);
    visitor.run(1, 'client', 'python', WAITING);
    await visitor.untilOutput(1, 'waiting');
    const drained = runner.drain();
    assert.equal((await visitor.until('draining')).seconds, 30);
    assert.equal((await fetch(new URL('readyz', runner.address))).status, 503);
    assert.equal((await runner.status()).draining, true);
    const { statusCode, headers } = await answerToUpgrade(runner.address);
    assert.equal(statusCode, 503);
    assert.match(headers['retry-after'] ?? '', /^([1-9]|[12]\d|30)$/);

    visitor.run(2, 'server', 'python');
    visitor.say({ type: 'condition', request: 1, condition: { kind: 'reset' } });
    const refused = await visitor.until('error', ({ request }) => request === 1);
    assert.equal(refused.code, 'draining');
    assert.ok(visitor.events.some((event) => event.type === 'error' && event.code === 'draining' && event.run === 2));

    visitor.type(1, '\r');
    assert.deepEqual((await visitor.until('run-ended')).end, { kind: 'exit', code: 0 });
    assert.match(visitor.output(1), /went on/);
    assert.equal(await visitor.closed(), 1001);
    await drained;
  });

  test('lets go at once who runs nothing, and who waits for a lab', async () => {
    await using runner = await startRunner({ LABS: '1' });
    await using busy = await visit(runner.address);
    busy.run(1, 'client', 'python', WAITING);
    await busy.untilOutput(1, 'waiting');
    await using waiting = await visit(runner.address);
    waiting.run(1, 'client', 'python');
    await waiting.until('waiting');
    await using idle = await visit(runner.address);
    await idle.until('welcome');
    const drained = runner.drain();
    assert.equal(await idle.closed(), 1001);
    assert.deepEqual((await waiting.until('run-ended')).end, { kind: 'stopped', by: 'shutdown' });
    assert.equal(await waiting.closed(), 1001);
    assert.equal(
      busy.events.some(({ type }) => type === 'run-ended'),
      false,
    );
    busy.type(1, '\r');
    await drained;
    assert.match(busy.output(1), /went on/);
  });

  for (const when of ['before', 'after'] as const)
    test(`lets a server have its client, which was asked for just ${when} that`, async () => {
      await using runner = await startRunner();
      await using visitor = await visit(runner.address);
      const { 'server.py': server = '' } = readSnippets('snippets').find(({ id }) => id === 'python')?.sources ?? {};
      visitor.run(1, 'server', 'python', { 'server.py': `import time\ntime.sleep(0.5)\n${server}` });
      if (when === 'before') visitor.run(2, 'client', 'python');
      await visitor.until('run-phase', ({ run }) => run === 1);
      const drained = runner.drain();
      await visitor.until('draining');
      if (when === 'after') visitor.run(2, 'client', 'python');
      const { verdict } = await visitor.until('verdict', ({ final }) => final);
      assert.equal(verdict.kind, 'multipath');
      assert.deepEqual((await visitor.until('run-ended', ({ run }) => run === 2)).end, { kind: 'exit', code: 0 });
      assert.equal(await visitor.closed(), 1001);
      await drained;
    });

  test('waits for no program longer than it was told', async () => {
    await using runner = await startRunner({ DRAIN_SECONDS: '1' });
    await using visitor = await visit(runner.address);
    visitor.run(1, 'client', 'python', DEAF);
    await visitor.untilOutput(1, 'waiting');
    await runner.drain();
    assert.deepEqual((await visitor.until('run-ended')).end, { kind: 'stopped', by: 'shutdown' });
    assert.equal(await visitor.closed(), 1001);
  });

  test('keeps what was said for a page that is away just then', async () => {
    await using runner = await startRunner();
    await using visitor = await visit(runner.address);
    visitor.run(1, 'client', 'python', { 'client.py': 'print("x" * 50_000)\nimport time; time.sleep(0.5); print("done")' });
    await visitor.untilOutput(1, 'x');
    await visitor.lose();
    const drained = runner.drain();
    await eventually('its lab is given back', async () => (await runner.status()).labs.open === 0);
    await visitor.comeBack();
    await visitor.untilOutput(1, 'done');
    assert.deepEqual((await visitor.until('run-ended')).end, { kind: 'exit', code: 0 });
    assert.equal(await visitor.closed(), 1001);
    await drained;
  });

  for (const { title, signals, files, end } of [
    { title: 'SIGTERM', signals: ['SIGTERM'], files: WAITING, end: { kind: 'exit', code: 0 } },
    { title: 'a second SIGTERM', signals: ['SIGTERM', 'SIGTERM'], files: DEAF, end: { kind: 'stopped', by: 'shutdown' } },
    { title: 'SIGINT', signals: ['SIGINT'], files: DEAF, end: { kind: 'stopped', by: 'shutdown' } },
  ] as const) {
    test(`${title} ends the process, its programs by ${JSON.stringify(end)}`, async () => {
      const siteDir = mkdtempSync(join(tmpdir(), 'hello-mptcp-site-'));
      writeFileSync(join(siteDir, 'index.html'), '<!doctype html>');
      const environment = { ...process.env, PORT: '0', LABS_WARM: '1', SITE_DIR: siteDir, LOG_LEVEL: 'error' };
      const runner = spawn(process.execPath, ['runner/main.ts'], { env: environment, stdio: ['ignore', 'pipe', 'inherit'] });
      const exited = once(runner, 'exit');
      try {
        const [address] = await once(createInterface({ input: runner.stdout }), 'line');
        await using visitor = await visit(address);
        visitor.run(1, 'client', 'python', files);
        await visitor.untilOutput(1, 'waiting');
        for (const signal of signals) {
          runner.kill(signal);
          if (signal === 'SIGTERM') await visitor.until('draining');
        }
        if (files === WAITING) visitor.type(1, '\r');
        assert.deepEqual((await visitor.until('run-ended')).end, end);
        assert.deepEqual(await exited, [0, null]);
      } finally {
        runner.kill('SIGKILL');
        rmSync(siteDir, { recursive: true });
      }
    });
  }
});

async function answerToUpgrade(address: string): Promise<IncomingMessage> {
  const socket = new WebSocket(new URL(SESSION_PATH, address.replace('http', 'ws')), PROTOCOL, {
    origin: new URL(address).origin,
  });
  socket.on('error', () => {});
  const [, response] = await once(socket, 'unexpected-response');
  socket.terminate();
  return response;
}
