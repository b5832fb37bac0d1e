import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { createInterface } from 'node:readline';
import { promisify } from 'node:util';
import { imageRoot } from '../../image/location.ts';
import { ownGroups } from '../../runner/lab/cgroups/directories.ts';
import { eventually } from '../lab/runner.ts';

/**
 * A runner in a process of its own, which sees the machine's image and /usr/bin through a layer that can be broken and mended:
 * an overlay in a mount namespace of its own. Nothing of it is seen elsewhere.
 */
export type BreakableRunner = AsyncDisposable & {
  address: string;
  pid: number;
  /** What it has written on its error stream. */
  log(): string;
  /** Executes a script of sh(1) in its mount namespace, where the places are `$image`, `$root`, `$lower` and `$usr`. */
  inside(script: string): Promise<string>;
  isAlive(): boolean;
};

export type BreakablePlan = {
  settings?: Record<string, string>;
  /** Executed in the new mount namespace before the runner is; `$scratch` is a small tmpfs. */
  prepare?: string;
  /** What the runner is started by, such as prlimit(1). */
  wrapper?: string[];
};

/** The reason to skip, as `missing` has it. */
export function missingBreakable(): string | false {
  return process.getuid?.() === 0 ? false : 'needs root: a layer over the image and the tools of the machine';
}

const LAYERS = `
mount -t tmpfs -o size=64m scratch "$scratch"
mkdir "$lower" "$scratch/usr" "$scratch/upper" "$scratch/work" "$scratch/usr-upper" "$scratch/usr-work"
mount --bind "$image" "$lower"
mount --bind /usr/bin "$scratch/usr"
mount -t overlay -o "lowerdir=$image,upperdir=$scratch/upper,workdir=$scratch/work" layer "$image"
mount -t overlay -o "lowerdir=/usr/bin,upperdir=$scratch/usr-upper,workdir=$scratch/usr-work" layer /usr/bin
`;

export async function startBreakable({
  settings = {},
  prepare = '',
  wrapper = [],
}: BreakablePlan = {}): Promise<BreakableRunner> {
  const siteDir = mkdtempSync(join(tmpdir(), 'hello-mptcp-site-'));
  const scratch = mkdtempSync(join(tmpdir(), 'hello-mptcp-scratch-'));
  writeFileSync(join(siteDir, 'index.html'), '<!doctype html>');
  const image = dirname(imageRoot());
  const places = { scratch, image, root: join(image, 'root'), lower: join(scratch, 'lower'), usr: join(scratch, 'usr') };
  const child = spawn(
    'unshare',
    [
      '--mount',
      '--propagation',
      'private',
      'sh',
      '-ec',
      `${LAYERS}${prepare}\nexec "$@"`,
      'sh',
      ...wrapper,
      process.execPath,
      MAIN,
    ],
    {
      env: { ...process.env, PORT: '0', LABS_WARM: '0', LOG_LEVEL: 'error', SITE_DIR: siteDir, ...settings, ...places },
      stdio: ['ignore', 'pipe', 'pipe'],
    },
  );
  let log = '';
  child.stderr.on('data', (chunk: Buffer) => {
    log += chunk.toString();
  });
  const [address] = await Promise.race([
    once(createInterface({ input: child.stdout }), 'line'),
    once(child, 'exit').then((): never => {
      throw new Error(`The runner did not start: ${log}`);
    }),
  ]);
  const pid = child.pid ?? 0;

  return {
    address,
    pid,
    log: () => log,
    isAlive: () => child.exitCode === null && child.signalCode === null,
    async inside(script) {
      const options = { env: { ...process.env, ...places } };
      const argv = [`--target=${pid}`, '--mount', 'sh', '-ec', script];
      return (await promisify(execFile)('nsenter', argv, options)).stdout;
    },
    async [Symbol.asyncDispose]() {
      await end(child);
      rmSync(siteDir, { recursive: true });
      rmSync(scratch, { recursive: true });
    },
  };
}

const MAIN = join(import.meta.dirname, '../../runner/main.ts');

/** As an operator ends it; then nothing of it may be left. */
async function end(child: ChildProcess): Promise<void> {
  const processes = descendantsOf(child.pid ?? 0);
  const exited = child.exitCode === null && child.signalCode === null ? once(child, 'exit') : null;
  child.kill('SIGTERM');
  await exited;
  await eventually('no process of the runner is left', () => processes.every((pid) => !isRunning(pid)));
  await eventually('no control group of the runner is left', () => controlGroupsOf(child.pid ?? 0).length === 0);
}

/** The holders of its labs, by their pids on this machine: each is PID 1 of its lab, and reads requests. */
export function holdersOf(runner: number): number[] {
  return descendantsOf(runner).filter((pid) => /^\/lab\/tools\/lab-shell-\w+\0/.test(read(`/proc/${pid}/cmdline`)));
}

function descendantsOf(root: number): number[] {
  const pids = readdirSync('/proc').filter((name) => /^\d+$/.test(name));
  const parents = new Map(pids.map((pid) => [Number(pid), Number(/^PPid:\s*(\d+)/m.exec(read(`/proc/${pid}/status`))?.[1])]));
  const found = [root];
  for (let index = 0; index < found.length; index++) {
    for (const [pid, parent] of parents) if (parent === found[index]) found.push(pid);
  }
  return found;
}

function isRunning(pid: number): boolean {
  return /^State:\s*[^ZX]/m.test(read(`/proc/${pid}/status`));
}

function controlGroupsOf(runner: number): string[] {
  const own = ownGroups(read('/proc/self/mountinfo'), read('/proc/self/cgroup'));
  if (own === null) return [];
  const parents = own.version === 1 ? Object.values(own.directories) : [own.directory];
  return parents.flatMap((parent) => readdirSync(parent).filter((name) => name.startsWith(`hello-mptcp-${runner}-`)));
}

/** '' for a process that is gone. */
function read(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return '';
  }
}
