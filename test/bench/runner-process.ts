import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { createInterface } from 'node:readline';

/** A runner in a process of its own, as a visitor meets it. It ends with the bench, however that ends. */
export type RunnerProcess = AsyncDisposable & { address: string; pid: number };

const MAIN = join(import.meta.dirname, '../../runner/main.ts');

/** @param settings the runner's configuration, beside a free port */
export async function startRunnerProcess(settings: Record<string, string> = {}): Promise<RunnerProcess> {
  // All visitors of a bench come from one address.
  const forOneAddress = settings['LABS'] === undefined ? {} : { LABS_PER_ADDRESS: settings['LABS'] };
  const child = spawn(process.execPath, [MAIN], {
    env: { ...process.env, PORT: '0', LOG_LEVEL: 'error', ...forOneAddress, ...settings },
    // The runner ends when this channel closes.
    stdio: ['ignore', 'pipe', 'inherit', 'ipc'],
  });
  const exited = once(child, 'exit');
  const firstLine: Promise<unknown[]> = child.stdout === null ? exited : once(createInterface({ input: child.stdout }), 'line');
  const [address] = await Promise.race([firstLine, exited]);
  if (typeof address !== 'string' || child.pid === undefined) {
    throw new Error(`The runner ended with ${child.exitCode} before it listened`);
  }
  return {
    address,
    pid: child.pid,
    async [Symbol.asyncDispose]() {
      child.kill('SIGTERM');
      await exited;
    },
  };
}
