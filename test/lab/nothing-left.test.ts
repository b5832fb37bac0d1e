import assert from 'node:assert/strict';
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, readdirSync, readFileSync, readlinkSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { after, before, describe, test } from 'node:test';
import { imageDir } from '../../image/location.ts';
import { ownGroups } from '../../runner/lab/cgroups/directories.ts';
import { missing } from '../require.ts';
import { eventually } from './runner.ts';
import { type Visitor, visit } from './visitor.ts';

/** What a runner could leave behind on its machine. */
type Traces = { processes: number[]; networkNamespaces: Set<string> };

describe('kill -9 of the runner', { skip: await missing('lab') }, () => {
  const siteDir = mkdtempSync(join(tmpdir(), 'hello-mptcp-site-'));
  before(() => writeFileSync(join(siteDir, 'index.html'), '<!doctype html>'));
  after(() => rmSync(siteDir, { recursive: true }));

  const start = async (): Promise<{ runner: ChildProcess; address: string }> => {
    const environment = { ...process.env, PORT: '0', LABS_WARM: '2', SITE_DIR: siteDir, LOG_LEVEL: 'error' };
    const runner = spawn(process.execPath, ['runner/main.ts'], { env: environment, stdio: ['ignore', 'pipe', 'inherit'] });
    const [address] = await once(createInterface({ input: runner.stdout }), 'line');
    return { runner, address };
  };

  /** @param prepare leads to the moment of the kill; what there is to end then is there when it resolves */
  const killed = async (prepare: (visitor: Visitor, runner: ChildProcess) => Promise<void>) => {
    const before = { mounts: mounts(), files: files(siteDir) };
    const { runner, address } = await start();
    const visitor = await visit(address);
    const alive = await prepare(visitor, runner)
      .then(() => tracesOf(runner.pid ?? 0))
      .finally(() => runner.kill('SIGKILL'));
    assert.ok(alive.processes.length > 4, 'a lab is there to be ended');
    assert.ok(alive.networkNamespaces.size >= 3, 'with network namespaces of its own');
    await nothingLeft(runner, alive, before);
    await visitor.closed();
  };

  const nothingLeft = async (runner: ChildProcess, alive: Traces, before: { mounts: string; files: string[] }) => {
    if (runner.exitCode === null && runner.signalCode === null) await once(runner, 'exit');
    await eventually('no process of it is left', () => alive.processes.every((pid) => !isRunning(pid)));
    await eventually(
      'no process is left in its network namespaces',
      () => !networkNamespaces().some((namespace) => alive.networkNamespaces.has(namespace)),
    );
    await eventually('no control group of it is left', () => controlGroupsOf(runner.pid ?? 0).length === 0);
    assert.equal(mounts(), before.mounts);
    assert.deepEqual(
      files(siteDir).filter((file) => !before.files.includes(file)),
      [],
    );
  };

  test('leaves nothing of labs that are just being made', async () => {
    const before = { mounts: mounts(), files: files(siteDir) };
    const { runner } = await start();
    // The first one, from its first process on: none of its hosts may be there yet.
    await eventually('a lab is begun', () => descendantsOf(runner.pid ?? 0).some((pid) => commandOf(pid).includes('bwrap')));
    const alive = tracesOf(runner.pid ?? 0);
    runner.kill('SIGKILL');
    await nothingLeft(runner, alive, before);
  });

  test('leaves nothing of a lab that waits', () => killed((visitor) => visitor.until('welcome').then(() => untilWarm(visitor))));

  test('leaves nothing of programs that run', () =>
    killed(async (visitor) => {
      visitor.run(1, 'server', 'python');
      visitor.run(2, 'client', 'python', {
        'client.py':
          'import os, signal, time\nsignal.signal(signal.SIGHUP, signal.SIG_IGN)\nif os.fork() == 0:\n  os.setsid()\n  print("up")\ntime.sleep(600)',
      });
      await visitor.untilOutput(2, 'up');
    }));

  test('leaves nothing of a connection in the middle of a transfer', () =>
    killed(async (visitor) => {
      const sender =
        'import socket\ns = socket.socket(socket.AF_INET, socket.SOCK_STREAM, 262)\ns.connect(("server.lab", 8262))\nprint("sending")\nwhile True: s.send(bytes(65536))';
      const receiver =
        'import socket\ns = socket.socket(socket.AF_INET, socket.SOCK_STREAM, 262)\ns.bind(("0.0.0.0", 8262))\ns.listen()\nc, _ = s.accept()\nwhile c.recv(65536): pass';
      visitor.run(1, 'server', 'python', { 'server.py': receiver });
      visitor.run(2, 'client', 'python', { 'client.py': sender });
      await visitor.until('evidence', ({ evidence }) => (evidence.links.wifi?.sentBytes ?? 0) > 100_000);
    }));

  test('leaves nothing of a build', () =>
    killed(async (visitor) => {
      // What a page shows is compiled ahead; an edited source is not.
      visitor.run(1, 'client', 'c', { 'client.c': 'int main(void) { return 0; }\n' });
      await visitor.until('run-phase', ({ phase }) => phase === 'building');
    }));

  test('leaves nothing of a client that waits for its server', () =>
    killed(async (visitor) => {
      visitor.run(1, 'server', 'python', { 'server.py': 'input()' });
      visitor.run(2, 'client', 'python');
      await visitor.until('run-phase', ({ run, phase }) => run === 2 && phase === 'waiting');
    }));

  test('leaves nothing of a program that is asked to end, and does not', () =>
    killed(async (visitor) => {
      visitor.run(1, 'client', 'python', { 'client.py': DEAF });
      await visitor.untilOutput(1, 'deaf');
      visitor.say({ type: 'stop', run: 1 });
      await visitor.untilOutput(1, 'heard');
    }));

  test('leaves nothing of a lab that is being given back', () =>
    killed(async (visitor) => {
      visitor.run(1, 'client', 'python', { 'client.py': DEAF });
      await visitor.untilOutput(1, 'deaf');
      visitor.say({ type: 'fresh-lab' });
      await visitor.until('lab-closed');
    }));

  test('leaves nothing of a session whose page is away', () =>
    killed(async (visitor) => {
      visitor.run(1, 'client', 'python', { 'client.py': DEAF });
      await visitor.untilOutput(1, 'deaf');
      await visitor.lose();
    }));

  test('leaves nothing of a run that it lets end first', () =>
    killed(async (visitor, runner) => {
      visitor.run(1, 'client', 'python', { 'client.py': DEAF });
      await visitor.untilOutput(1, 'deaf');
      runner.kill('SIGTERM');
      await visitor.until('draining');
    }));
});

const DEAF = `import signal, time
signal.signal(signal.SIGTERM, lambda *_: print("heard"))
print("deaf")
while True: time.sleep(1)`;

/** A first run takes a lab; the runner then makes the next one ahead of need. */
async function untilWarm(visitor: Visitor): Promise<void> {
  visitor.run(1, 'client', 'python', { 'client.py': '' });
  await visitor.until('run-ended');
}

function tracesOf(runner: number): Traces {
  const processes = descendantsOf(runner);
  const own = namespaceOf(runner);
  const namespaces = processes.map(namespaceOf).filter((namespace) => namespace !== null && namespace !== own);
  return { processes, networkNamespaces: new Set(namespaces.map(String)) };
}

function descendantsOf(root: number): number[] {
  const parents = new Map(pids().map((pid) => [pid, parentOf(pid)]));
  const found = [root];
  for (let i = 0; i < found.length; i++) for (const [pid, parent] of parents) if (parent === found[i]) found.push(pid);
  return found;
}

function commandOf(pid: number): string {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, 'utf8');
  } catch {
    return '';
  }
}

function pids(): number[] {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .map(Number);
}

function parentOf(pid: number): number {
  try {
    return Number(/^PPid:\s*(\d+)/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1]);
  } catch {
    return 0;
  }
}

function namespaceOf(pid: number): string | null {
  try {
    return readlinkSync(`/proc/${pid}/ns/net`);
  } catch {
    return null;
  }
}

function networkNamespaces(): string[] {
  return pids()
    .map(namespaceOf)
    .filter((namespace) => namespace !== null);
}

function isRunning(pid: number): boolean {
  try {
    return !/^State:\s*Z/m.test(readFileSync(`/proc/${pid}/status`, 'utf8'));
  } catch {
    return false;
  }
}

function mounts(): string {
  return readFileSync('/proc/self/mounts', 'utf8');
}

/** Directories of a runner's control groups. */
function controlGroupsOf(runner: number): string[] {
  const own = ownGroups(readFileSync('/proc/self/mountinfo', 'utf8'), readFileSync('/proc/self/cgroup', 'utf8'));
  if (own === null) return [];
  const parents = own.version === 1 ? Object.values(own.directories) : [own.directory];
  return parents.map((parent) => join(parent, `hello-mptcp-${runner}-1`)).filter((directory) => existsSync(directory));
}

/** Where a runner might write: its temporary folder, its image, its site. */
function files(siteDir: string): string[] {
  const temporary = readdirSync(tmpdir()).filter(
    (name) => name.startsWith('hello-mptcp') && !name.startsWith('hello-mptcp-site'),
  );
  return [...temporary, ...readdirSync(imageDir()), ...readdirSync(siteDir)];
}
