import { spawn } from 'node-pty';
import { plainText } from '../../protocol/lesson/prompt.ts';

/** A shell on a terminal of its own, as a person has it: what is typed goes through the kernel's line discipline (termios(3)). */
export type TypedShell = Disposable & {
  pid: number;
  type(keys: string): void;
  /** Types a line. */
  begin(command: string): TypedCommand;
  /** Types a line and resolves with what it printed until the next prompt. */
  enter(command: string): Promise<string>;
};

export type TypedCommand = {
  /** What the terminal has shown since it was typed, without colors and other controls. */
  printed(): string;
  /** Resolves with the first match, past or future. Rejects when the next prompt comes before, or nothing within `waitMs`. */
  until(wanted: RegExp, waitMs: number): Promise<string>;
  /** Resolves when the shell asks for the next command. */
  ended(waitMs: number): Promise<void>;
};

const PROMPT = 'at the prompt> ';
/** At the end of a line, where what ended has left something in it, such as the wheel that npm turns. */
const AT_PROMPT = new RegExp(`${PROMPT}$`);
const ENTER_MS = 30_000;

/** sh(1) with job control: Ctrl-C is for the command that it runs, and not for the shell. */
export async function openTypedShell(folder: string): Promise<TypedShell> {
  // Wide, since a terminal breaks lines that are longer.
  const pty = spawn('sh', ['-i'], { cols: 1_000, rows: 50, cwd: folder, env: { ...process.env, PS1: PROMPT, ENV: '' } });
  let raw = '';
  let isOver = false;
  const watchers = new Set<() => void>();
  const look = () => {
    for (const watcher of [...watchers]) watcher();
  };
  pty.onData((data) => {
    raw += data;
    look();
  });
  pty.onExit(() => {
    isOver = true;
    look();
  });
  const shown = () => plainText(raw);

  const watch = (from: number): TypedCommand => {
    const printed = () => shown().slice(from);
    const seen = async (wanted: RegExp, waitMs: number): Promise<string> => {
      const { promise, resolve, reject } = Promise.withResolvers<string>();
      const giveUp = (why: string) => reject(new Error(`${why}, expected ${wanted}. The terminal shows:\n${printed()}`));
      const timer = setTimeout(() => giveUp(`After ${waitMs} ms`), waitMs);
      const watcher = () => {
        const [found] = wanted.exec(printed()) ?? [];
        if (found !== undefined) resolve(found);
        else if (isOver || AT_PROMPT.test(printed())) giveUp('At its end');
      };
      watchers.add(watcher);
      watcher();
      return promise.finally(() => {
        clearTimeout(timer);
        watchers.delete(watcher);
      });
    };
    return { printed, until: seen, ended: async (waitMs) => void (await seen(AT_PROMPT, waitMs)) };
  };
  const begin = (command: string): TypedCommand => {
    const watched = watch(shown().length);
    pty.write(`${command}\n`);
    return watched;
  };

  await watch(0).ended(ENTER_MS);
  return {
    pid: pty.pid,
    type: (keys) => pty.write(keys),
    begin,
    async enter(command) {
      const entered = begin(command);
      await entered.ended(ENTER_MS);
      // Without the line that was typed, and without the prompt.
      return entered.printed().split('\n').slice(1, -1).join('\n');
    },
    // Hangs up, as a terminal does that is closed.
    [Symbol.dispose]: () => isOver || pty.kill(),
  };
}
