import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readdirSync, readFileSync, rmdirSync } from 'node:fs';
import { chmod, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { constants, tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { setTimeout as sleep } from 'node:timers/promises';
import { inNamespaces } from '../../image/mmdebstrap.ts';
import { top } from '../../setup/site-build.ts';

/** A machine of the test's own: a root filesystem and namespaces that end with it. The kernel and its devices are this one's. */
export type OwnMachine = AsyncDisposable & {
  /** A folder for PATH, whose programs are those of the machine. */
  commands: string;
  /** Its first process: the namespaces to enter. */
  pid: number;
  /** Its root filesystem, from outside. */
  root: string;
  /** Of its control groups, in each hierarchy. */
  cgroup: string;
};

export type MachinePlan = {
  name: string;
  /** Folders of this machine that it has too, beside the checkout. */
  folders?: string[];
  /** Makes the root filesystem; `scratch` is a folder that ends with the machine. */
  fill: (root: string, scratch: string, cgroup: string) => Promise<void>;
  /** What the first process executes, in that root. */
  argv: (cgroup: string) => string[];
  /** What it writes to standard error once it is there. */
  ready: string;
  /** The signal that ends the first process, SIGTERM if it is left out. */
  off?: number;
  /** Its programs that are called from outside. */
  programs: string[];
};

/** As own-machine.sh has it. */
const PATH = '/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin';

/** @throws Error with what the first process said, when it ended before it was ready */
export async function startOwnMachine({
  name,
  folders = [],
  fill,
  argv,
  ready,
  off = constants.signals.SIGTERM,
  programs,
}: MachinePlan): Promise<OwnMachine> {
  const undo = new AsyncDisposableStack();
  try {
    const folder = await mkdtemp(join(tmpdir(), `hello-mptcp-${name}-`));
    undo.defer(() => rm(folder, { recursive: true }));
    const root = join(folder, 'root');
    const cgroup = `hello-mptcp-${name}-${process.pid}`;
    await fill(root, folder, `/${cgroup}`);

    undo.defer(() => removeGroups(cgroup));
    const become = ['unshare', '--net', 'sh', join(import.meta.dirname, 'own-machine.sh'), root, top, ...folders, '--'];
    const [command = '', ...args] = inNamespaces('root', [...become, ...argv(`/${cgroup}`)]);
    const first = spawn(command, args, { stdio: ['ignore', 'ignore', 'pipe'] });
    undo.defer(() => end(first, off));
    await untilSaid(first, ready);

    const pid = childOf(first);
    const commands = join(folder, 'commands');
    await mkdir(commands);
    for (const program of programs) {
      const enter = `nsenter --target ${pid} --mount --net --pid --wdns="$PWD"`;
      await writeFile(join(commands, program), `#!/bin/sh\nPATH=${PATH} exec ${enter} ${program} "$@"\n`);
      await chmod(join(commands, program), 0o755);
    }
    const owned = undo.move();
    return { commands, pid, root, cgroup, [Symbol.asyncDispose]: () => owned.disposeAsync() };
  } catch (cause) {
    await undo.disposeAsync();
    throw cause;
  }
}

async function untilSaid(first: ChildProcess, ready: string): Promise<void> {
  if (first.stderr === null) throw new Error('The standard error of the first process is missing');
  const said: string[] = [];
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  createInterface({ input: first.stderr }).on('line', (line) => {
    if (said.push(line) > 200) said.shift();
    if (line.includes(ready)) resolve();
  });
  first.once('close', (code) => reject(new Error(`The first process ended with exit code ${code}:\n${said.join('\n')}`)));
  await promise;
}

/** unshare(1) has one child: the first process of the new namespace. */
function childOf({ pid }: ChildProcess): number {
  return Number(readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8').trim());
}

/** It ends what it has started; if it does not, the kernel does, with its process namespace. */
async function end(first: ChildProcess, off: number): Promise<void> {
  if (first.exitCode !== null || first.signalCode !== null) return;
  const closed = once(first, 'close');
  const patience = setTimeout(() => first.kill('SIGKILL'), 20_000);
  const pid = childOf(first);
  if (pid > 0) process.kill(pid, off);
  await closed;
  clearTimeout(patience);
}

/** Folders of a control group: version 1 has one in each hierarchy, version 2 has one. */
export function groupsNamed(name: string): string[] {
  const mounts = '/sys/fs/cgroup';
  const places = [mounts, ...readdirSync(mounts).map((hierarchy) => join(mounts, hierarchy))];
  return places.map((place) => join(place, name)).filter((group) => existsSync(join(group, 'cgroup.procs')));
}

/** The kernel has taken leave of the last process a moment after it was waited for. */
const REMOVE_ATTEMPTS = 100;
const REMOVE_AGAIN_MS = 50;

/** Whoever made them leaves them behind. */
export async function removeGroups(name: string): Promise<void> {
  for (let attempts = 1; ; attempts++) {
    try {
      for (const group of groupsNamed(name)) removeGroup(group);
      return;
    } catch (error) {
      if (attempts === REMOVE_ATTEMPTS) throw error;
      await sleep(REMOVE_AGAIN_MS);
    }
  }
}

function removeGroup(group: string): void {
  for (const entry of readdirSync(group, { withFileTypes: true })) if (entry.isDirectory()) removeGroup(join(group, entry.name));
  rmdirSync(group);
}
