import { spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import { Readable, Writable } from 'node:stream';
import { type DeviceServicePlan, deviceServiceCommand, FILTER_FD } from './command.ts';

/** The running device service. It ends by `kill`, by itself, or with the runner. */
export type ServiceProcess = {
  kill(): void;
  /** Resolves with why it ended, in words for the log. */
  ended: Promise<string>;
};

/** What it writes on its error stream goes into the log up to here. */
const MAX_ERROR_BYTES = 2_048;

/** @param filter a program of seccomp(2), as bwrap takes it */
export function startService(plan: DeviceServicePlan, filter: Uint8Array, onLine: (line: string) => void): ServiceProcess {
  const [program = '', ...args] = deviceServiceCommand(plan);
  const service = spawn(program, args, {
    env: { PATH: '/usr/sbin:/usr/bin:/sbin:/bin' },
    cwd: '/',
    // The service's own descriptors are opened by its first half.
    stdio: ['pipe', 'pipe', 'pipe', 'ignore', 'ignore', 'ignore', 'pipe'],
  });
  // The types of node:child_process end at the fifth one.
  const pipes: readonly unknown[] = service.stdio;
  for (const pipe of pipes) if (pipe instanceof Writable) pipe.on('error', () => {});
  const filterPipe = pipes[FILTER_FD];
  if (filterPipe instanceof Writable) filterPipe.end(filter);

  const [, output, errorOutput] = pipes;
  let errors = '';
  if (output instanceof Readable) createInterface({ input: output }).on('line', onLine);
  if (errorOutput instanceof Readable) {
    errorOutput.on('data', (chunk: Buffer) => {
      errors = (errors + chunk.toString()).slice(0, MAX_ERROR_BYTES);
    });
  }

  const { promise: ended, resolve } = Promise.withResolvers<string>();
  service.once('error', (error) => resolve(error.message));
  service.once('close', (code, signal) => resolve(`${signal ?? `exit code ${code}`}. ${errors}`.trim()));
  return { kill: () => service.kill('SIGKILL'), ended };
}
