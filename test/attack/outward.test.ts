import assert from 'node:assert/strict';
import { rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { networkInterfaces, tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { startRunner } from '../lab/runner.ts';
import { visit } from '../lab/visitor.ts';
import { missing } from '../require.ts';
import { reaches, reachProgram } from './outward.ts';
import { openReport } from './report.ts';

const SECRET = 'a-secret-of-the-runner';

function openMachineServices(): Disposable {
  const file = join(tmpdir(), 'hello-mptcp-attack');
  const sockets = ['\0hello-mptcp-attack', file].map((path) => createServer().listen(path));
  const shared = '/dev/shm/hello-mptcp-attack';
  writeFileSync(shared, 'shared');
  return {
    [Symbol.dispose]() {
      for (const socket of sockets) socket.close();
      rmSync(shared);
    },
  };
}

describe('reaching out of the sandbox', { skip: await missing('lab') }, () => {
  const report = openReport('What a program in the sandbox finds of the machine');
  const machineAddress =
    Object.values(networkInterfaces())
      .flat()
      .find((address) => address !== undefined && !address.internal && address.family === 'IPv4')?.address ?? '127.0.0.2';
  const allAt = (runnerPort: number) => reaches({ runnerPort, machineAddress, secret: SECRET });
  let seen = new Map<number, string>();
  before(async () => {
    process.env['ATTACK_SECRET'] = SECRET;
    // What could be found, if the machine were reached.
    using _machine = openMachineServices();
    await using runner = await startRunner({ HOST: '0.0.0.0', OPEN: '1' });
    await using visitor = await visit(runner.address.replace('0.0.0.0', '127.0.0.1'));
    visitor.run(1, 'client', 'python', { 'client.py': reachProgram(allAt(Number(new URL(runner.address).port))) });
    const { end } = await visitor.until('run-ended');
    assert.deepEqual(end, { kind: 'exit', code: 0 }, visitor.output(1));
    seen = new Map([...visitor.output(1).matchAll(/^(\d+) (.+?)\r?$/gm)].map(([, index, text]) => [Number(index), text ?? '']));
  });
  after(report.print);

  for (const [index, reach] of allAt(0).entries()) {
    test(`${reach.attack}: ${reach.means}`, () => {
      const found = seen.get(index) ?? 'nothing';
      report.add({ attack: reach.attack, expected: reach.means, seen: found.slice(0, 70) });
      assert.match(found, reach.seen);
    });
  }

  test('another lab: nothing of it is found', async () => {
    await using runner = await startRunner();
    await using one = await visit(runner.address);
    await using other = await visit(runner.address);
    const listener = `import os, socket
abstract = socket.socket(socket.AF_UNIX); abstract.bind("\\0of-one-lab"); abstract.listen()
named = socket.socket(socket.AF_UNIX); named.bind("/tmp/of-one-lab"); named.listen()
open("/dev/shm/of-one-lab", "w")
s = socket.create_server(("0.0.0.0", 4711)); print("listens", os.getpid()); s.accept(); print("reached")`;
    one.run(1, 'server', 'python', { 'server.py': listener });
    await one.untilOutput(1, 'listens');
    const seeker = `import os, socket
found = []
for address in ("10.0.9.1", "10.0.1.2", "10.0.2.2", "127.0.0.1", "fd00:9::1"):
  try: socket.create_connection((address, 4711), 0.5); found.append(address)
  except OSError: pass
for path in ("\\0of-one-lab", "/tmp/of-one-lab"):
  try: socket.socket(socket.AF_UNIX).connect(path); found.append(path)
  except OSError: pass
print("found", found, os.listdir("/dev/shm"), os.listdir("/tmp"))`;
    for (const host of ['server', 'client'] as const) {
      const run = host === 'server' ? 1 : 2;
      other.run(run, host, 'python', { [`${host}.py`]: seeker });
      await other.until('run-ended', (event) => event.run === run);
      assert.match(other.output(run), /^found \[\] \[\] \[\]/);
    }
    assert.doesNotMatch(one.output(1), /reached/);
    report.add({ attack: 'addresses, sockets and files of another lab', expected: 'nothing is found', seen: 'nothing is found' });
  });
});
