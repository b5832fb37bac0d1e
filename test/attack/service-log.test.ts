import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { describe, test } from 'node:test';
import { type Visitor, visit } from '../lab/visitor.ts';
import { missing } from '../require.ts';

const MARKER = 'mElOnBaLl';
const CODE = 'K7Q-M4T-XP9';

describe('what the log tells of learners', { skip: await missing('lab') }, () => {
  test('one line an event, with lab and run; nothing of what they write, type and see, and no join code', async () => {
    const siteDir = mkdtempSync(join(tmpdir(), 'hello-mptcp-site-'));
    writeFileSync(join(siteDir, 'index.html'), '<!doctype html><title>test</title>');
    const settings = {
      PORT: '0',
      SITE_DIR: siteDir,
      LOG_LEVEL: 'debug',
      JOIN_CODE: CODE,
      LABS: '1',
      QUEUE: '1',
      RUN_SECONDS: '5',
    };
    const runner = spawn(process.execPath, ['runner/main.ts'], {
      env: { ...process.env, ...settings },
      stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
    });
    const lines: string[] = [];
    if (runner.stdout === null || runner.stderr === null) throw new Error('no pipes');
    createInterface({ input: runner.stderr }).on('line', (line) => lines.push(line));
    const [address] = await once(createInterface({ input: runner.stdout }), 'line');

    const joined = await fetch(new URL(`?join=${CODE}`, address), { redirect: 'manual' });
    await fetch(new URL(`?join=${MARKER}`, address), { redirect: 'manual' });
    const cookie = (joined.headers.get('set-cookie') ?? '').split(';')[0] ?? '';
    const say = async (act: (visitor: Visitor) => Promise<unknown>) => {
      await using visitor = await visit(address, { headers: { cookie } });
      await act(visitor);
    };
    await say(async (visitor) => {
      const code = `import sys\nprint("${MARKER}", input())\nsys.stderr.write("${MARKER}")\nraise Exception("${MARKER}")`;
      visitor.run(1, 'client', 'python', { 'client.py': code });
      await visitor.until('run-phase');
      visitor.type(1, `${MARKER}\n`);
      await visitor.until('run-ended');
      visitor.run(2, 'client', 'c', { 'client.c': `${MARKER} ${MARKER}` });
      await visitor.until('run-ended', ({ run }) => run === 2);
      visitor.run(3, 'client', 'python', { [MARKER]: MARKER });
      visitor.run(4, 'client', MARKER);
      for (const text of [MARKER, `{"type":"${MARKER}"}`, `{"type":"run","host":"${MARKER}"}`, `{"${MARKER}":1}`]) {
        visitor.socket().send(text);
      }
      visitor.socket().send(Buffer.from(MARKER));
      visitor.say({ type: 'condition', request: 1, condition: { kind: 'link-up', link: 'wifi', up: true } });
      await visitor.until('conditions', ({ request }) => request === 1);
    });
    await say(async (visitor) => {
      visitor.run(1, 'client', 'python', { 'client.py': `print("${MARKER}" * 100, flush=True)\nwhile True: pass` });
      await visitor.until('run-ended');
    });
    await visit(address, { headers: { cookie }, protocol: 'other' }).then(({ closed }) => closed);

    runner.kill('SIGTERM');
    await once(runner, 'close');
    rmSync(siteDir, { recursive: true });

    assert.ok(lines.length > 5, lines.join('\n'));
    const events: Record<string, unknown>[] = lines.map((line) => JSON.parse(line));
    for (const line of lines) {
      assert.ok(!line.includes(MARKER), line);
      assert.ok(!line.replaceAll('-', '').includes(CODE.replaceAll('-', '')), line);
      assert.ok(!line.includes(cookie.split('=')[1] ?? CODE), line);
    }
    const ended = events.filter(({ msg }) => msg === 'run ended');
    assert.deepEqual(
      ended.map(({ run, snippet, host, end }) => [run, snippet, host, end]),
      [
        [1, 'python', 'client', 'exit'],
        [2, 'c', 'client', 'build-failed'],
        [1, 'python', 'client', 'limit'],
      ],
    );
    for (const { lab, level, time } of ended) {
      assert.match(String(lab), /^[0-9a-f]{8}$/);
      assert.deepEqual([level, Number.isNaN(Date.parse(String(time)))], ['info', false]);
    }
  });
});
