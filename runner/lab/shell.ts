import type { Readable, Writable } from 'node:stream';
import type { HostName } from '../../protocol/topology.ts';

/** What a command in the lab left: its exit status, and its output with errors among it. */
export type ShellAnswer = { status: number; output: string };

/** A script or a file that the lab's shell could not do. */
export class ShellError extends Error {
  readonly status: number;
  /** What the tools said. */
  readonly output: string;

  constructor(what: string, { status, output }: ShellAnswer) {
    super(`Lab shell: exit status ${status}: ${output.trim()}; it was to do: ${excerpt(what)}`);
    this.status = status;
    this.output = output;
  }
}

/** A whole lab is made by one script of several thousand letters. */
const EXCERPT_LETTERS = 200;

function excerpt(script: string): string {
  return script.length <= EXCERPT_LETTERS ? script : `${script.slice(0, EXCERPT_LETTERS)} …`;
}

/**
 * The runner's end of the lab's shell (see lab-shell.c). Requests are carried out one after the other. Each rejects when it
 * could not be done, with what was printed, or when the lab ends.
 */
export type LabShell = {
  /** Runs a script by `sh -e`. */
  run(script: string): Promise<string>;
  /** Runs one command on a host; a shell takes it apart only where quotes or the like are in it. */
  runOn(host: HostName, command: string): Promise<string>;
  /** Writes a file of the lab, owned by the lab's own root. */
  put(file: string, content: Uint8Array): Promise<void>;
  /** Makes directories. */
  make(paths: string[]): Promise<void>;
  /** Copies what is in one directory into another one, which is new. */
  fill(from: string, to: string): Promise<void>;
  /** Removes directories with all that is in them. */
  remove(paths: string[]): Promise<void>;
};

export type LabShellPlan = {
  stdin: Writable;
  stdout: Readable;
  /** Rejects, with the reason, when the lab's holder is gone. */
  ended: Promise<never>;
  /** A command of a lab takes milliseconds: one that takes longer than this never ends, and nothing behind it is carried out. */
  timeoutMs: number;
  onHang(what: string): void;
};

export function openShell({ stdin, stdout, ended, timeoutMs, onHang }: LabShellPlan): LabShell {
  const waiting = new Map<number, { resolve(answer: ShellAnswer): void; reject(why: unknown): void }>();
  let lastId = 0;
  let over: { why: unknown } | null = null;

  const reader = answerReader((id, answer) => waiting.get(id)?.resolve(answer));
  // Once for all requests: a lab lives long, and a promise keeps whoever has ever waited for it.
  ended.catch((why: unknown) => {
    over = { why };
    for (const { reject } of [...waiting.values()]) reject(why);
  });
  stdout.on('data', reader);
  // A write to a lab that just died; `ended` tells the reason.
  stdin.on('error', () => {});

  const request = (verb: Verb, content: Uint8Array, rest = ''): Promise<ShellAnswer> => {
    const id = ++lastId;
    const { promise, resolve, reject } = Promise.withResolvers<ShellAnswer>();
    if (over !== null) return Promise.reject(over.why);
    waiting.set(id, { resolve, reject });
    const timer = setTimeout(() => {
      const what = `Lab shell: no answer within ${timeoutMs} ms to: ${describe(verb, content, rest)}`;
      reject(new Error(what));
      onHang(what);
    }, timeoutMs);
    stdin.write(`${verb} ${id} ${content.length} ${rest}\n`);
    stdin.write(content);
    return promise.finally(() => {
      clearTimeout(timer);
      waiting.delete(id);
    });
  };

  const carryOut = async (verb: Verb, content: Uint8Array, rest = ''): Promise<string> => {
    const answer = await request(verb, content, rest);
    if (answer.status !== 0) throw new ShellError(describe(verb, content, rest), answer);
    return answer.output;
  };

  return {
    run: (script) => carryOut('do', Buffer.from(script)),
    runOn: (host, command) => carryOut('run', inWords(wordsOf(command)), host),
    put: async (file, content) => void (await carryOut('put', content, file)),
    make: async (paths) => void (await carryOut('make', inWords(paths))),
    fill: async (from, to) => void (await carryOut('fill', inWords([from, to]))),
    remove: async (paths) => void (await carryOut('remove', inWords(paths))),
  };
}

type Verb = 'do' | 'run' | 'put' | 'make' | 'fill' | 'remove';

/** For a person. */
function describe(verb: Verb, content: Uint8Array, rest: string): string {
  if (verb === 'put') return `writing ${rest}`;
  const words = Buffer.from(content).toString().replaceAll('\0', ' ').trim();
  return excerpt(verb === 'do' ? words : `${verb} ${rest} ${words}`);
}

/** Each ends with a zero byte. */
function inWords(words: string[]): Buffer {
  return Buffer.from(words.map((word) => `${word}\0`).join(''));
}

/** A command that is not just words is left to sh(1). */
function wordsOf(command: string): string[] {
  return /^[\w./:=,@%+ -]+$/.test(command) ? command.split(' ').filter((word) => word !== '') : ['sh', '-c', `exec ${command}`];
}

/** Cuts the shell's output into answers, however the chunks fall. */
export function answerReader(onAnswer: (id: number, answer: ShellAnswer) => void): (chunk: Buffer) => void {
  let pending = Buffer.alloc(0);
  return (chunk) => {
    pending = Buffer.concat([pending, chunk]);
    for (;;) {
      const newline = pending.indexOf('\n');
      if (newline === -1) return;
      const [id = 0, status = 1, bytes = 0] = pending.toString('latin1', 0, newline).split(' ').map(Number);
      const end = newline + 1 + bytes;
      if (pending.length < end) return;
      onAnswer(id, { status, output: pending.toString('utf8', newline + 1, end) });
      pending = pending.subarray(end);
    }
  };
}
