import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { test } from 'node:test';
import { missing } from '../require.ts';
import { commandHere } from './page-commands.ts';

const skip = await missing('lab');

// runPageCommand('index', 'start') would wait for its end.
test('the first command of the pages gives an address, at which the site is', { skip }, async () => {
  const child = spawn('sh', ['-c', `exec ${commandHere('index', 'start')}`], {
    env: { ...process.env, PORT: '0', LABS_WARM: '0' },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const ended = once(child, 'exit');
  try {
    const address = await lineLike(createInterface({ input: child.stdout }), /^http:\/\/127\.0\.0\.1:\d+\/$/);
    assert.match(await (await fetch(address)).text(), /Hello MPTCP/);
  } finally {
    child.kill('SIGINT');
    await ended;
  }
});

async function lineLike(lines: AsyncIterable<string>, expected: RegExp): Promise<string> {
  const seen: string[] = [];
  for await (const line of lines) {
    if (expected.test(line)) return line;
    seen.push(line);
  }
  throw new Error(`Expected a line like ${expected}, found:\n${seen.join('\n')}`);
}
