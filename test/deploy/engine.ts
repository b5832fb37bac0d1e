import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readdirSync, readFileSync, rmdirSync } from 'node:fs';
import { chmod, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { execute } from '../../deploy/execute.ts';
import { inNamespaces } from '../../image/mmdebstrap.ts';
import { readRecipe } from '../../image/recipe.ts';
import { top } from '../../setup/site-build.ts';

/** A Docker engine of the test's own, from Debian's packages, in namespaces of its own. */
export type Engine = AsyncDisposable & {
  /** A folder for PATH, whose `docker` and `curl` are those of the engine's side. */
  commands: string;
  /** Any process of the engine: the namespaces to enter. */
  pid: number;
};

const PACKAGES = ['docker.io', 'docker-cli', 'docker-compose', 'iptables', 'iproute2', 'mount', 'curl'];

export async function startEngine(): Promise<Engine> {
  const undo = new AsyncDisposableStack();
  try {
    const folder = await mkdtemp(join(tmpdir(), 'hello-mptcp-engine-'));
    undo.defer(() => rm(folder, { recursive: true }));
    const root = join(folder, 'root');
    await makeRoot(root, folder);

    const cgroup = `hello-mptcp-engine-${process.pid}`;
    undo.defer(() => removeGroups(cgroup));
    const [command = '', ...args] = inNamespaces('root', ['unshare', '--net', 'sh', join(import.meta.dirname, 'engine.sh')]);
    const daemon = spawn(command, [...args, root, top, `/${cgroup}`], { stdio: ['ignore', 'ignore', 'pipe'] });
    undo.defer(() => end(daemon));
    await untilListening(daemon);

    const pid = childOf(daemon);
    const commands = join(folder, 'commands');
    await mkdir(commands);
    for (const name of ['docker', 'curl']) {
      const script = `#!/bin/sh\nexec nsenter --target ${pid} --mount --net --pid --wdns="$PWD" /usr/bin/${name} "$@"\n`;
      await writeFile(join(commands, name), script);
      await chmod(join(commands, name), 0o755);
    }
    const owned = undo.move();
    return { commands, pid, [Symbol.asyncDispose]: () => owned.disposeAsync() };
  } catch (cause) {
    await undo.disposeAsync();
    throw cause;
  }
}

async function makeRoot(root: string, folder: string): Promise<void> {
  const options = ['--mode=root', '--variant=essential', '--format=directory', `--include=${PACKAGES.join(',')}`];
  const without = ['doc', 'man', 'locale'].map((name) => `--dpkgopt=path-exclude=/usr/share/${name}/*`);
  const environment = ['env', `TMPDIR=${folder}`];
  await execute(inNamespaces('root', [...environment, 'mmdebstrap', ...options, ...without, readRecipe().suite, root]));
}

/** @throws Error with what the daemon said, when it ended before it listened */
async function untilListening(daemon: ChildProcess): Promise<void> {
  if (daemon.stderr === null) throw new Error('The standard error of the daemon is missing');
  const said: string[] = [];
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  createInterface({ input: daemon.stderr }).on('line', (line) => {
    if (said.push(line) > 200) said.shift();
    if (line.includes('API listen on')) resolve();
  });
  daemon.once('close', (code) => reject(new Error(`dockerd ended with exit code ${code}:\n${said.join('\n')}`)));
  await promise;
}

/** unshare(1) has one child: the first process of the new namespace. */
function childOf({ pid }: ChildProcess): number {
  return Number(readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8').trim());
}

/** The daemon ends its containers; if it does not, the kernel does, with its process namespace. */
async function end(daemon: ChildProcess): Promise<void> {
  if (daemon.exitCode !== null || daemon.signalCode !== null) return;
  const closed = once(daemon, 'close');
  const patience = setTimeout(() => daemon.kill('SIGKILL'), 20_000);
  const pid = childOf(daemon);
  if (pid > 0) process.kill(pid, 'SIGTERM');
  await closed;
  clearTimeout(patience);
}

/** Version 1 has one in each hierarchy, version 2 has one; the engine leaves its own behind. */
function removeGroups(name: string): void {
  const mounts = '/sys/fs/cgroup';
  const places = [mounts, ...readdirSync(mounts).map((hierarchy) => join(mounts, hierarchy))];
  for (const place of places) removeGroup(join(place, name));
}

function removeGroup(group: string): void {
  if (!existsSync(join(group, 'cgroup.procs'))) return;
  for (const entry of readdirSync(group, { withFileTypes: true })) if (entry.isDirectory()) removeGroup(join(group, entry.name));
  rmdirSync(group);
}
