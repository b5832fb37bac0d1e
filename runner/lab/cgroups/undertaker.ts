import { type ChildProcess, spawn } from 'node:child_process';
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { tryRemove } from './files.ts';

const PREFIX = 'hello-mptcp-';

let opened = 0;

/** A name for the group of a runner of this process. */
export function ownGroupName(): string {
  return `${PREFIX}${process.pid}-${++opened}`;
}

/**
 * A group stays when its last process is gone. A small process, out of the runner's session, waits for the end of the
 * runner, however that comes, and takes its groups away.
 */
export type Undertaker = { close(): Promise<void> };

/** @param tops the runner's groups, one in each hierarchy */
export function startUndertaker(tops: string[]): Undertaker {
  const undertaker = spawn('sh', ['-c', SCRIPT, 'hello-mptcp', ...tops], {
    detached: true,
    stdio: ['pipe', 'ignore', 'ignore'],
    env: { PATH: '/usr/sbin:/usr/bin:/sbin:/bin' },
    cwd: '/',
  });
  // Nobody waits for it: neither its life nor the pipe to it keeps the runner alive.
  undertaker.unref();
  unrefPipe(undertaker);
  return {
    async close() {
      if (undertaker.exitCode !== null || undertaker.signalCode !== null) return;
      const { promise, resolve } = Promise.withResolvers<void>();
      undertaker.ref();
      undertaker.once('exit', () => resolve());
      undertaker.stdin?.end();
      await promise;
    },
  };
}

/** The end of input is the end of the runner. What it had started dies within 0.3 s; five seconds are for a busy machine. */
const SCRIPT = `
printf undertaker >/proc/$$/comm
read -r _
tries=20
while [ $tries -gt 0 ]; do
  find "$@" -depth -type d -exec rmdir {} + 2>/dev/null
  left=
  for directory do [ ! -d "$directory" ] || left=1; done
  [ -n "$left" ] || exit 0
  tries=$((tries - 1))
  sleep 0.25
done`;

/** Removes what runners left that were killed together with their undertaker. */
export function sweep(directory: string): void {
  for (const name of readdirSync(directory)) {
    const pid = new RegExp(`^${PREFIX}(\\d+)-\\d+$`).exec(name)?.[1];
    if (pid === undefined || isAlive(Number(pid))) continue;
    const left = join(directory, name);
    for (const child of readdirSync(left, { withFileTypes: true })) if (child.isDirectory()) tryRemove(join(left, child.name));
    tryRemove(left);
  }
}

function isAlive(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch (error) {
    return error instanceof Error && 'code' in error && error.code === 'EPERM';
  }
}

function unrefPipe({ stdin }: ChildProcess): void {
  if (stdin !== null && 'unref' in stdin && typeof stdin.unref === 'function') stdin.unref();
}
