import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { top } from '../../setup/site-build.ts';
import { openTypedShell } from './typed-shell.ts';

/** A virtual machine that was started by a command of a person, at a terminal. */
export type Machine = AsyncDisposable & {
  /** Where its site is. */
  address: string;
  /** All that the terminal has shown of it. */
  printed(): string;
  /** What its kernel and its runner have logged. */
  console(): string;
  /** Types Ctrl-C; resolves once the shell asks for the next command. */
  interrupt(): Promise<Ended>;
};

/** The command's exit code, what is left of it, and what stty(1) tells of the terminal before and after. */
export type Ended = { code: string; files: string[]; processes: string[]; modes: { before: string; after: string } };

/** Emulated, and with others beside it. */
const READY_MS = 300_000;
const END_MS = 60_000;

const INTERRUPT = '\x03';

/**
 * @param command one line of sh(1) that takes options of start.sh at its end
 * @throws Error with all that it printed, when the machine does not become ready
 */
export async function startMachine(command: string): Promise<Machine> {
  await using undo = new AsyncDisposableStack();
  const scratch = mkdtempSync(join(tmpdir(), 'hello-machine-'));
  undo.defer(() => rmSync(scratch, { recursive: true }));
  const log = join(scratch, 'console');
  const temporary = join(scratch, 'temporary');
  mkdirSync(temporary);
  const shell = undo.use(await openTypedShell(top));
  const before = await shell.enter('stty --all');
  const machine = shell.begin(`TMPDIR=${temporary} ${command} --console ${log}`);

  let ended: Promise<Ended> | null = null;
  const end = async (): Promise<Ended> => {
    const processes = descendants(shell.pid);
    shell.type(INTERRUPT);
    await machine.ended(END_MS);
    const code = await shell.enter('echo $?');
    const after = await shell.enter('stty --all');
    const files = readdirSync(temporary).filter((name) => name.startsWith('hello-mptcp-vm'));
    return { code, files, processes: processes.filter(isAlive), modes: { before, after } };
  };
  const interrupt = (): Promise<Ended> => {
    ended ??= end();
    return ended;
  };
  undo.defer(async () => void (await interrupt()));

  const address = await machine.until(/^http:\S+$/m, READY_MS);
  const owned = undo.move();
  return {
    address,
    printed: machine.printed,
    console: () => readFileSync(log, 'utf8'),
    interrupt,
    [Symbol.asyncDispose]: () => owned.disposeAsync(),
  };
}

/** Pids of all that hangs from a process (proc_pid_task(5), children). */
function descendants(pid: number): string[] {
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
