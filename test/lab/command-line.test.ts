import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { describe, test } from 'node:test';
import { missing } from '../require.ts';

type Ended = { code: number; stdout: string; stderr: string };

function hello(...args: string[]): Promise<Ended> {
  return new Promise((resolve) => {
    execFile(process.execPath, ['runner/hello.ts', ...args], (error, stdout, stderr) => {
      resolve({ code: typeof error?.code === 'number' ? error.code : 0, stdout, stderr });
    });
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

  test('an unknown snippet or command ends with 2 and says what there is', async () => {
    const unknown = await hello('run', 'cobol');
    assert.equal(unknown.code, 2);
    assert.match(unknown.stderr, /No snippet "cobol"\. Known: .*\bpython\b/);
    const nothing = await hello();
    assert.equal(nothing.code, 2);
    assert.match(nothing.stderr, /npm run hello -- run SNIPPET/);
  });
});
