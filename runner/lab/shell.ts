import type { Readable, Writable } from 'node:stream';

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

/** The runner's end of the lab's shell (see LAB_SHELL in holder.ts). Requests are carried out one after the other. */
export type LabShell = {
  /** Runs a script by `sh -e`; `exec` before a single command spares a process. Rejects when it fails, with its output, or when the lab ends. */
  run(script: string): Promise<string>;
  /** Writes a file of the lab, owned by the lab's own root. */
  put(file: string, content: Uint8Array): Promise<void>;
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

  const request = (verb: 'do' | 'line' | 'put', content: Uint8Array, rest = ''): Promise<ShellAnswer> => {
    const id = ++lastId;
    const { promise, resolve, reject } = Promise.withResolvers<ShellAnswer>();
    if (over !== null) return Promise.reject(over.why);
    waiting.set(id, { resolve, reject });
    const timer = setTimeout(() => {
      const what = `Lab shell: no answer within ${timeoutMs} ms to: ${verb === 'put' ? `writing ${rest}` : excerpt(rest || content.toString())}`;
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

  return {
    async run(script) {
      const answer = await (isLine(script) ? request('line', new Uint8Array(), script) : request('do', Buffer.from(script)));
      if (answer.status !== 0) throw new ShellError(script, answer);
      return answer.output;
    },
    async put(file, content) {
      const answer = await request('put', content, file);
      if (answer.status !== 0) throw new ShellError(`writing ${file}`, answer);
    },
  };
}

/** What `read -r` in the lab's shell gives unchanged. */
function isLine(script: string): boolean {
  return !script.includes('\n') && script === script.trim() && script !== '';
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
