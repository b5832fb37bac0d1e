import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { promisify } from 'node:util';
import { describeRunEnd } from '../../protocol/run-end.ts';
import { callAttacks, callProgram, callResults } from '../attack/calls.ts';
import { MACHINE_ATTACKS, MACHINE_SETTINGS } from '../attack/machine.ts';
import { reaches, reachProgram } from '../attack/outward.ts';
import { openReport } from '../attack/report.ts';
import { visit } from '../lab/visitor.ts';
import { missing } from '../require.ts';
import { type Engine, startEngine } from './engine.ts';
import { groupsNamed, removeGroups } from './own-machine.ts';
import { runPageCommand } from './page-commands.ts';
import { type PortInto, portInto } from './port-into.ts';
import { TWO_SUBFLOWS } from './two-subflows.ts';

const execute = promisify(execFile);
const skip = (await missing('lab')) || (await missing('engine'));
/** A variable of the runner's environment. */
const SECRET = 'PUBLISHED=';
const SECOND_MS = 1_000;

/** Podman's own parent of all control groups that it makes; it leaves it behind. */
const PODMAN_GROUP = 'libpod_parent';

/** Those whose limits differ without control groups, and one of each kind. */
const MACHINE_CORE = ['memory of one process', 'memory of many processes', 'a fork bomb', 'descriptors', 'inodes', 'yes'];

describe('in a container', { skip }, () => {
  const undo = new AsyncDisposableStack();
  const report = openReport('What programs try in a container');
  let engine: Engine;
  let folder: string;
  const command = (page: string, name: string, env: Record<string, string> = {}) =>
    runPageCommand(page, name, {
      env: { PATH: `${engine.commands}:${process.env['PATH']}`, IMAGE_DIR: folder, LANGUAGES: 'c,python', ...env },
      timeoutMs: 200 * SECOND_MS,
    });
  const docker = async (...args: string[]) => (await execute(join(engine.commands, 'docker'), args)).stdout;
  const seccomp = 'deploy/container/seccomp.json';

  before(async () => {
    folder = await mkdtemp(join(tmpdir(), 'hello-mptcp-container-'));
    undo.defer(() => rm(folder, { recursive: true }));
    if (!existsSync(seccomp)) undo.defer(() => rm(seccomp, { force: true }));
    const image = execute('npm', ['run', 'image'], { env: { ...process.env, IMAGE_DIR: folder, LANGUAGES: 'c,python' } });
    const started = startEngine().then((made) => {
      engine = undo.use(made);
    });
    await Promise.all([started, image]);
    console.log(await command('container', 'build'));
  });
  after(async () => {
    await undo.disposeAsync();
    report.print();
  });

  describe('by compose', () => {
    let port: PortInto;
    before(async () => {
      await command('container', 'up', MACHINE_SETTINGS);
      port = await portInto(engine.pid, '127.0.0.1', 8262);
    });
    after(async () => {
      await port[Symbol.asyncDispose]();
      await command('container', 'down');
      assert.equal(await docker('ps', '--all', '--quiet'), '');
    });

    test('it is healthy, a user without capabilities, and lacks nothing that labs need', async () => {
      assert.match(await docker('ps', '--format', '{{.Status}}'), /healthy/);
      const id = (await docker('ps', '--quiet')).trim();
      const status = await docker('exec', id, 'cat', '/proc/1/status');
      assert.match(status, /^Uid:\t1000\t1000\t1000\t1000$/m);
      assert.deepEqual(
        new Set(status.match(/^Cap\w+:\t(\w+)$/gm)?.map((line) => line.split('\t')[1])),
        new Set(['0'.repeat(16)]),
      );
      assert.match(status, /^NoNewPrivs:\t1$/m);
      assert.doesNotMatch(await command('container', 'doctor'), /^missing/m);
    });

    test('a hello is Multipath TCP with two subflows', async () => {
      await using visitor = await visit(port.origin);
      visitor.run(1, 'server', 'python');
      visitor.run(2, 'client', 'python', { 'client.py': TWO_SUBFLOWS });
      const { verdict } = await visitor.until('verdict', (event) => event.final);
      assert.equal(verdict.kind, 'multipath', visitor.output(2));
      assert.deepEqual(verdict.kind === 'multipath' && verdict.connections[0]?.subflows.map(({ link }) => link).toSorted(), [
        'cellular',
        'wifi',
      ]);
      assert.match(visitor.output(2), /hello 10\.0\.1\.2, I am python/);
    });

    test('a C program is compiled and runs', async () => {
      await using visitor = await visit(port.origin);
      visitor.run(1, 'server', 'c');
      visitor.run(2, 'client', 'c');
      await visitor.untilOutput(2, 'I am c');
    });

    test('programs see the image and nothing of the container', async () => {
      await using visitor = await visit(port.origin);
      const look = `import os, socket
print(open("/etc/hosts").read().count("172."), open("/etc/resolv.conf").read(), open("/etc/hostname").read().strip())
print(socket.gethostname(), os.path.exists("/opt/hello-mptcp"), os.path.exists("/.dockerenv"))`;
      visitor.run(1, 'client', 'python', { 'client.py': look });
      await visitor.until('run-ended');
      assert.equal(visitor.output(1), '0  lab\r\nclient False False\r\n');
    });

    test('nothing outside of the sandbox is reached', async () => {
      const id = (await docker('ps', '--quiet')).trim();
      const machineAddress = (
        await docker('exec', id, 'sh', '-c', 'ip -4 -o address show eth0 | grep -o "172[0-9.]*" | head -1')
      ).trim();
      const rows = reaches({ runnerPort: 8262, machineAddress, secret: SECRET });
      await using visitor = await visit(port.origin);
      visitor.run(1, 'client', 'python', { 'client.py': reachProgram(rows) });
      const { end } = await visitor.until('run-ended');
      assert.deepEqual(end, { kind: 'exit', code: 0 }, visitor.output(1));
      const seen = new Map(
        [...visitor.output(1).matchAll(/^(\d+) (.+?)\r?$/gm)].map(([, index, text]) => [Number(index), text ?? '']),
      );
      for (const [index, { attack, means, seen: expected }] of rows.entries()) {
        report.add({ attack, expected: means, seen: (seen.get(index) ?? 'nothing').slice(0, 70) });
        assert.match(seen.get(index) ?? 'nothing', expected, attack);
      }
    });

    test('the kernel answers system calls as on a bare host', async () => {
      const attacks = callAttacks();
      await using visitor = await visit(port.origin);
      visitor.run(1, 'client', 'c', { 'client.c': callProgram(attacks) });
      const { end } = await visitor.until('run-ended');
      assert.deepEqual(end, { kind: 'exit', code: 0 }, visitor.output(1));
      const seen = callResults(visitor.output(1));
      for (const [index, { attack, answer }] of attacks.entries()) {
        report.add({ attack, expected: answer, seen: seen.get(index) ?? 'nothing' });
        assert.equal(seen.get(index), answer, attack);
      }
    });

    for (const { attack, code, end, means } of MACHINE_ATTACKS.filter((row) => MACHINE_CORE.includes(row.attack))) {
      test(`${attack}: ${means}, and the next run is as ever`, async () => {
        await using visitor = await visit(port.origin);
        visitor.run(1, 'client', 'python', { 'client.py': `import os, socket, sys, time\n${code}` });
        const ended = describeRunEnd((await visitor.until('run-ended')).end);
        report.add({ attack, expected: means, seen: ended });
        assert.match(ended, end);
        visitor.run(2, 'client', 'python', { 'client.py': 'print("still here")' });
        await visitor.untilOutput(2, 'still here');
      });
    }
  });

  describe('an option that is missing', () => {
    const options = ['--cap-drop', 'ALL', '--security-opt', 'no-new-privileges', '--read-only', '--tmpfs', '/tmp'];
    const doctor = async (...given: string[]) => {
      const run = ['run', '--rm', '--init', ...options, ...given, '--entrypoint', '/opt/hello-mptcp/doctor', 'hello-mptcp'];
      return execute(join(engine.commands, 'docker'), run).then(
        ({ stdout }) => stdout,
        (error: { stdout: string }) => error.stdout,
      );
    };
    const filter = ['--security-opt', `seccomp=${seccomp}`];

    test('seccomp is named, without the profile', async () => {
      assert.match(await doctor(), /^missing +User namespaces .*\n.*"--security-opt seccomp=deploy\/container\/seccomp\.json"/m);
    });

    test('systempaths is named, where /proc is masked', async () => {
      const said = await doctor(...filter);
      assert.match(said, /^ok +User namespaces/m);
      assert.match(said, /^missing +bubblewrap .*\n.*"--security-opt systempaths=unconfined"/m);
    });

    test('nothing is named, where all are given', async () => {
      assert.doesNotMatch(await doctor(...filter, '--security-opt', 'systempaths=unconfined'), /^missing/m);
    });
  });

  test('by docker run it works the same, and what was saved is loaded', async () => {
    const file = 'hello-mptcp.tar';
    try {
      await command('container', 'save');
      await command('container', 'load');
    } finally {
      await rm(file, { force: true });
    }
    try {
      await command('container', 'run');
      await runsPrograms();
    } finally {
      await docker('rm', '--force', 'hello-mptcp');
    }
  });

  test('by Podman it works the same', async () => {
    const isOwn = groupsNamed(PODMAN_GROUP).length === 0;
    try {
      console.log(await command('container', 'podman'));
      await runsPrograms();
    } finally {
      await execute(join(engine.commands, 'podman'), ['rm', '--force', 'hello-mptcp']);
      if (isOwn) await removeGroups(PODMAN_GROUP);
    }
  });

  const runsPrograms = async () => {
    await using port = await portInto(engine.pid, '127.0.0.1', 8262);
    await untilReady(port.origin);
    await using visitor = await visit(port.origin);
    visitor.run(1, 'client', 'python', { 'client.py': 'print("here")' });
    await visitor.untilOutput(1, 'here');
  };

  test('for a class, labs want the join code that the log has', async () => {
    try {
      const log = await command('container', 'class');
      assert.match(log, /http:\/\/192\.0\.2\.7:8262\/\?join=/);
      await using port = await portInto(engine.pid, '192.0.2.7', 8262);
      const status: unknown = await (await fetch(new URL('api/status', port.origin))).json();
      assert.ok(status !== null && typeof status === 'object' && 'join' in status && status.join === 'code-wanted');
    } finally {
      await command('container', 'down');
    }
  });
});

async function untilReady(origin: string): Promise<void> {
  const deadline = performance.now() + 30 * SECOND_MS;
  for (;;) {
    const answer = await fetch(new URL('readyz', origin)).catch(() => null);
    if (answer?.ok) return;
    if (performance.now() > deadline) throw new Error(`Not ready after 30 s: ${await answer?.text()}`);
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
}
