import { execFile } from 'node:child_process';
import { mkdtempSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { spawn } from 'node-pty';
import { imageRoot } from '../../image/location.ts';
import { runBare } from './bare-run.ts';
import { alternate, figureOf } from './figure.ts';
import type { Place } from './place.ts';
import type { Row } from './row.ts';
import { outputTimer } from './timed-output.ts';

const PROGRAM = ['echo', 'hello'];

/** What a sandbox costs: beside the same program of the same image without one, and in a container if an engine is there. */
export async function sandboxStartRows({ scratch, rounds, quiet }: Place): Promise<Row[]> {
  const workDir = mkdtempSync(join(scratch, 'bare-'));
  await using engine = await openEngine();
  const samples = await alternate(rounds, quiet, {
    sandbox: async () => (await runBare(PROGRAM, workDir)).firstByteMs,
    bare: () => firstByteMs(['unshare', '--map-root-user', `--root=${imageRoot()}`, ...PROGRAM]),
    container: () => (engine === null ? Promise.resolve(0) : firstByteMs(engine.run)),
  });
  const what = 'Sandbox: start to the first byte of echo';
  const row = { unit: 'ms', measured: figureOf(samples.sandbox), target: null } as const;
  return [
    { what, ...row, baseline: { what: 'bare program', figure: figureOf(samples.bare) } },
    engine === null
      ? { what: '… beside docker run: not measured, no engine answers here', ...row, baseline: null }
      : { what: '… beside a container', ...row, baseline: { what: 'docker run', figure: figureOf(samples.container) } },
  ];
}

/** On a terminal, as the sandbox is. @throws Error when it does not end well */
async function firstByteMs([file = '', ...args]: string[]): Promise<number> {
  const timer = outputTimer();
  const pty = spawn(file, args, { cols: 80, rows: 24, cwd: '/', env: { PATH: process.env['PATH'] ?? '' }, encoding: null });
  pty.onData((data) => timer.took(data.length));
  const { promise: ended, resolve } = Promise.withResolvers<number>();
  pty.onExit(({ exitCode }) => resolve(exitCode));
  const exitCode = await ended;
  if (exitCode !== 0) throw new Error(`${file} ${args.join(' ')}: expected exit code 0, found ${exitCode}`);
  return timer.ended().firstByteMs;
}

type Engine = AsyncDisposable & { run: string[] };

const CONTAINER_IMAGE = 'hello-mptcp-bench';

/** A container image with the program and its libraries alone, from our own; removed in the end. `null` without an engine. */
async function openEngine(): Promise<Engine | null> {
  const docker = (...args: string[]) => promisify(execFile)('docker', args);
  const isThere = await docker('info').then(
    () => true,
    () => false,
  );
  if (!isThere) return null;
  const files = `bin usr/bin/echo lib lib64 usr/lib64 $(cd ${imageRoot()} && ls usr/lib/*/libc.so.6 usr/lib/*/ld-linux*)`;
  await promisify(execFile)('sh', ['-ec', `tar -C ${imageRoot()} -c ${files} | docker import - ${CONTAINER_IMAGE}`]);
  return {
    run: ['docker', 'run', '--rm', '--tty', '--network', 'none', CONTAINER_IMAGE, ...PROGRAM],
    [Symbol.asyncDispose]: async () => void (await docker('image', 'rm', CONTAINER_IMAGE)),
  };
}
