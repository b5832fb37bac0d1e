import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { cp, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { missing } from '../require.ts';

type Ended = { code: number; stdout: string; stderr: string };

function hello(...args: string[]): Promise<Ended> {
  return helloWith({}, ...args);
}

function helloWith(settings: Record<string, string>, ...args: string[]): Promise<Ended> {
  return new Promise((resolve) => {
    execFile(
      process.execPath,
      ['runner/hello.ts', ...args],
      { env: { ...process.env, ...settings } },
      (error, stdout, stderr) => {
        resolve({ code: typeof error?.code === 'number' ? error.code : 0, stdout, stderr });
      },
    );
  });
}

describe('npm run hello', { skip: await missing('lab') }, () => {
  test('runs a snippet, prints both outputs and the verdict', async () => {
    const { code, stdout } = await hello('run', 'python');
    assert.equal(code, 0);
    assert.match(stdout, /^server {2}listening on port 8262$/m);
    assert.match(stdout, /^server {2}10\.0\.1\.2 says: hello from python$/m);
    assert.match(stdout, /^client {2}hello 10\.0\.1\.2, I am python$/m);
    assert.match(stdout, /^Multipath TCP\. Connection 0x[0-9a-f]{8}, (one|two) subflows?/m);
    assert.match(stdout, /^ {2}wifi: 10\.0\.1\.2:\d+ -> 10\.0\.9\.1:8262$/m);
  });

  test('tells the same to programs by --json', async () => {
    const { code, stdout } = await hello('run', 'c', '--json');
    const told: unknown = JSON.parse(stdout);
    assert.equal(code, 0);
    assert.partialDeepStrictEqual(told, {
      snippet: 'c',
      promises: 'multipath',
      kept: true,
      verdict: { kind: 'multipath' },
      outputs: { client: 'hello 10.0.1.2, I am c\r\n' },
    });
  });

  test('a snippet that does not keep its promise ends with 1', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'hello-mptcp-snippets-'));
    await cp('snippets/python', join(folder, 'python'), { recursive: true });
    const manifest = await readFile(join(folder, 'python/manifest.json'), 'utf8');
    await writeFile(join(folder, 'python/manifest.json'), manifest.replace(/"promises": "multipath"/, '"promises": "plain-tcp"'));
    const { code, stdout } = await helloWith({ SNIPPETS_DIR: folder }, 'run', 'python');
    await rm(folder, { recursive: true });
    assert.equal(code, 1);
    assert.match(stdout, /^The snippet promises: plain-tcp\.$/m);
  });

  test('an unknown snippet or command ends with 2 and says what there is', async () => {
    const unknown = await hello('run', 'cobol');
    assert.equal(unknown.code, 2);
    assert.match(unknown.stderr, /No snippet "cobol"\. Known: .*\bpython\b/);
    const nothing = await hello();
    assert.equal(nothing.code, 2);
    assert.match(nothing.stderr, /npm run hello -- run SNIPPET/);
  });
});
