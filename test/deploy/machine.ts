import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** A virtual machine that was started by a command of a person. */
export type Machine = AsyncDisposable & {
  /** Where its site is. */
  address: string;
  /** All that the command has printed so far. */
  printed(): string;
  /** What its kernel and its runner have logged. */
  console(): string;
  /** Sends the signal of Ctrl-C to the command; resolves with its exit code and with what it has left behind. */
  interrupt(): Promise<{ code: number | null; files: string[]; processes: string[] }>;
};

/** Emulated, and with others beside it. */
const READY_MS = 180_000;

/**
 * @param command one line of sh(1) that takes options of start.sh at its end
 * @throws Error with all that it printed, when the machine does not become ready
 */
export async function startMachine(command: string): Promise<Machine> {
  const scratch = mkdtempSync(join(tmpdir(), 'hello-machine-'));
  const log = join(scratch, 'console');
  const temporary = join(scratch, 'temporary');
  const child = spawn('sh', ['-c', `mkdir ${temporary}; TMPDIR=${temporary} exec ${command} --console ${log}`], {
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const ended = once(child, 'exit');
  let printed = '';
  const address = await new Promise<string>((resolve, reject) => {
    const giveUp = (why: string) => reject(new Error(`${why}:\n${printed}`));
    const timer = setTimeout(() => giveUp(`The machine was not ready after ${READY_MS} ms`), READY_MS);
    for (const stream of [child.stdout, child.stderr]) {
      stream.on('data', (chunk: Buffer) => {
        printed += chunk;
        const [line] = /^http:\S+$/m.exec(printed) ?? [];
        if (line !== undefined) resolve(line);
      });
    }
    child.once('exit', (code) => giveUp(`The command ended with exit code ${code}`));
    child.once('close', () => clearTimeout(timer));
  }).catch((cause) => {
    child.kill('SIGTERM');
    throw cause;
  });

  const interrupt = async () => {
    const processes = descendants(child);
    child.kill('SIGINT');
    const [code] = await ended;
    return {
      code,
      files: readdirSync(temporary).filter((name) => name.startsWith('hello-mptcp-vm')),
      processes: processes.filter(isAlive),
    };
  };
  return {
    address,
    printed: () => printed,
    console: () => readFileSync(log, 'utf8'),
    interrupt,
    async [Symbol.asyncDispose]() {
      if (child.exitCode === null) await interrupt();
      rmSync(scratch, { recursive: true });
    },
  };
}

/** Pids of all that hangs from a process (proc_pid_task(5), children). */
function descendants({ pid }: ChildProcess): string[] {
  const below = (parent: string): string[] => {
    const own = readFileSync(`/proc/${parent}/task/${parent}/children`, 'utf8').trim();
    return own === '' ? [] : own.split(' ').flatMap((child) => [child, ...below(child)]);
  };
  return below(String(pid));
}

function isAlive(pid: string): boolean {
  try {
    return !/^State:\s+[ZX]/m.test(readFileSync(`/proc/${pid}/status`, 'utf8'));
  } catch {
    return false;
  }
}
