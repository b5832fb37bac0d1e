import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { describe, test } from 'node:test';
import { promisify } from 'node:util';
import { missing } from '../require.ts';
import { startRunner } from './runner.ts';
import { visit } from './visitor.ts';

/** The first version that knows SocketProtocol=mptcp. */
const SYSTEMD_WITH_MPTCP = 257;

test('systemd accepts both units of the systemd page', { skip: await missing('systemd') }, async () => {
  const units = ['snippets/systemd/hello.socket', 'snippets/systemd/hello.service'];
  const execute = promisify(execFile);
  const version = Number((await execute('systemd-analyze', ['--version'])).stdout.match(/^systemd (\d+)/)?.[1]);
  // It fails for a unit that cannot be loaded; what it warns of and ignores stands in stderr.
  const { stderr } = await execute('systemd-analyze', ['verify', ...units.map((unit) => `./${unit}`)]);
  const warnings = stderr.split('\n').filter((line) => line !== '');
  if (version >= SYSTEMD_WITH_MPTCP) return assert.deepEqual(warnings, []);
  assert.equal(warnings.length, 1, stderr);
  assert.match(warnings[0] ?? '', /hello\.socket:\d+: Failed to parse socket protocol, ignoring: mptcp$/);
});

describe('the service of the systemd page', { skip: await missing('lab') }, () => {
  for (const [protocol, kind] of [
    [262, 'multipath'],
    [6, 'fallback'],
  ] as const) {
    test(`takes the listener that it is handed: protocol ${protocol}, ${kind}`, async () => {
      await using runner = await startRunner();
      await using visitor = await visit(runner.address);
      visitor.run(1, 'server', 'python', { 'server.py': inPlaceOfSystemd(protocol) });
      visitor.run(2, 'client', 'python');
      const { verdict } = await visitor.until('verdict', (event) => event.final);
      assert.equal(verdict.kind, kind, JSON.stringify(verdict));
      assert.match(visitor.output(2), /^hello 10\.0\.1\.2, I am started by systemd\r\n$/);
    });
  }
});

/** Python that does what systemd does for hello.socket: opens the port, and starts the service with it as descriptor 3. */
function inPlaceOfSystemd(protocol: number): string {
  const service = readFileSync('snippets/systemd/server.py', 'utf8');
  return `
import os, socket
listener = socket.socket(socket.AF_INET, socket.SOCK_STREAM, ${protocol})
listener.bind(("0.0.0.0", 8262))
listener.listen()
os.dup2(os.dup(listener.fileno()), 3)
os.environ.update(LISTEN_FDS="1", LISTEN_PID=str(os.getpid()))
os.execvp("python3", ["python3", "-c", ${JSON.stringify(service)}])
`;
}
