import assert from 'node:assert/strict';
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, relative } from 'node:path';
import { after, test } from 'node:test';
import { top } from './site-build.ts';

const folder = mkdtempSync(join(tmpdir(), 'run-test-'));
after(() => rmSync(folder, { recursive: true }));

/** Starts a script by setup/run.mjs and waits for its first line. */
async function started(source: string): Promise<{ process: ChildProcess; line: string }> {
  const script = join(folder, `${Math.random().toString(36).slice(2)}.ts`);
  writeFileSync(script, source);
  const child = spawn('node', [join(top, 'setup/run.mjs'), relative(top, script)], { stdio: ['ignore', 'pipe', 'inherit'] });
  // A script that fails says nothing and closes.
  const [chunk] = await Promise.race([once(child.stdout, 'data'), once(child, 'close')]);
  return { process: child, line: String(chunk).trim() };
}

test('a script runs on the Node that the project brings, and its exit code is passed on', async () => {
  const { process: child, line } = await started('console.log(process.versions.node); process.exitCode = 7;');
  const { version } = JSON.parse(readFileSync(join(top, 'node_modules/node/package.json'), 'utf8'));
  assert.equal(line, version);
  assert.deepEqual(await once(child, 'close'), [7, null]);
});

test('a signal reaches the script', async () => {
  const { process: child } = await started(
    "process.once('SIGTERM', () => process.exit(9)); console.log('ready'); setInterval(() => {}, 1000);",
  );
  child.kill('SIGTERM');
  assert.deepEqual(await once(child, 'close'), [9, null]);
});

test('a script learns of the death of what started it', async () => {
  const { process: child } = await started(
    "process.once('disconnect', () => { console.log('gone'); process.exit(); }); console.log('ready'); setInterval(() => {}, 1000);",
  );
  let said = '';
  child.stdout?.on('data', (chunk: Buffer) => {
    said += chunk;
  });
  child.kill('SIGKILL');
  // The pipe stays open as long as the script lives.
  await once(child, 'close');
  assert.equal(said, 'gone\n');
});
