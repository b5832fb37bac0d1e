import { constants } from 'node:os';
import type { LimitHit, RunEnd } from '../../protocol/run-end.ts';
import { markScanner, newMark } from './end-mark.ts';
import { outputWindow } from './output-window.ts';
import type { TerminalSize } from './terminals/terminal.ts';
import type { Terminals } from './terminals/terminals.ts';

export type { TerminalSize };

export type RunPlan = {
  terminals: Terminals;
  /** Enters the lab's host; what follows it is started there. */
  enter: string[];
  /** Paths of the project's own programs in the lab. */
  tools: RunTools;
  /** Path in the lab of the file that each step can read as PTY_STEPS_FD. */
  filter: string;
  /** Each step's whole command, sandbox included. The last one is the program, those before it build it. */
  steps: string[][];
  /** Called before the program is started, after the build; the program waits for it. */
  beforeProgram: () => Promise<void>;
  size: TerminalSize;
  limits: { wallSeconds: number; cpuSeconds: number; fileBytes: number; outputBytes: number };
  /** Asked now and then while a step runs, and at its end: a limit that only the outside can see. */
  limitReached: () => LimitHit | null;
};

/** See pty-steps.c and begin-program.c. */
export type RunTools = { ptySteps: string; beginProgram: string };

export type RunListener = {
  output(bytes: Buffer): void;
  /** A step begins: 0 is the first one; `isProgram` for the last. */
  step(index: number, isProgram: boolean): void;
};

/** One execution under a pty. `ended` never rejects. */
export type Run = {
  /** False when the program has so much to read that some of it was not taken (TYPED_BYTES). */
  input(bytes: Uint8Array): boolean;
  resize(size: TerminalSize): void;
  /** The reader took in so many bytes of output, in all since the start. */
  acknowledge(bytes: number): void;
  /** Asks with SIGTERM, then kills. The first reason to stop is the one told. */
  stop(by: Extract<RunEnd, { kind: 'stopped' }>['by']): void;
  /** Kills at once and reads no further. */
  abandon(by: Extract<RunEnd, { kind: 'stopped' }>['by']): void;
  ended: Promise<RunResult>;
};

/** `durationMs` is that of the last step, the program's own unless its build failed. */
export type RunResult = { end: RunEnd; durationMs: number; outputBytes: number };

/** How often limits are looked at that nobody tells. */
const LOOK_MS = 100;
/** Between SIGTERM and SIGKILL. */
const STOP_GRACE_MS = 1_000;
/** After SIGKILL the mark must come; without it (a reader that reads nothing, say) the run ends all the same. */
const KILL_GRACE_MS = 2_000;

/** The descriptor of the filter in a step (see pty-steps.c). */
export const PTY_STEPS_FD = 9;
/** Where a step finds `beginProgram`, whatever files it sees (see pty-steps.c). */
export const BEGIN_PROGRAM = '/proc/self/fd/10';

const MIB = 1024 * 1024;
/** bubblewrap and pty-steps tell a signal as 128 plus its number, as sh(1) does. */
const SIGNAL_BASE = 128;
const SIGNALS = new Map(Object.entries(constants.signals).map(([name, number]) => [number, name]));

export function startRun(plan: RunPlan, on: RunListener): Run {
  const mark = newMark();
  const { ptySteps, beginProgram } = plan.tools;
  const argv = [...plan.enter, ptySteps, plan.filter, beginProgram, ...plan.steps.flatMap((step) => [mark, ...step])];

  const { promise: ended, resolve } = Promise.withResolvers<RunResult>();
  let finished = false;
  let step = 0;
  let stepStartedAt = performance.now();
  let cause: RunEnd | null = null;
  let outputBytes = 0;
  const timers = new Set<NodeJS.Timeout>();
  const after = (ms: number, action: () => void) => timers.add(setTimeout(action, ms));

  const finish = (end: RunEnd) => {
    if (finished) return;
    finished = true;
    for (const timer of timers) clearTimeout(timer);
    terminal.close();
    resolve({ end, durationMs: performance.now() - stepStartedAt, outputBytes });
  };
  const kill = (reason: RunEnd) => {
    cause ??= reason;
    terminal.signal('SIGUSR1');
    after(KILL_GRACE_MS, () => finish(cause ?? reason));
  };
  /** Whether one was reached. A lab that is just ending shows nothing to look at. */
  const look = (): LimitHit | null => {
    try {
      return plan.limitReached();
    } catch {
      return null;
    }
  };
  const watchLimits = () => {
    const hit = look();
    if (hit === null) return after(LOOK_MS, watchLimits);
    return kill({ kind: 'limit', ...hit });
  };

  const startStep = () => {
    stepStartedAt = performance.now();
    on.step(step, step === plan.steps.length - 1);
    const { wallSeconds } = plan.limits;
    after(wallSeconds * 1_000, () => kill({ kind: 'limit', limit: 'wall-time', value: wallSeconds, unit: 's' }));
    after(LOOK_MS, watchLimits);
  };
  const nextStep = async () => {
    step++;
    if (step === plan.steps.length - 1) await plan.beforeProgram();
    if (cause !== null) return finish(cause);
    if (finished) return;
    startStep();
    terminal.signal('SIGUSR2');
  };
  const stepEnded = (status: number) => {
    for (const timer of timers) clearTimeout(timer);
    const hit = look();
    if (hit !== null) cause ??= { kind: 'limit', ...hit };
    if (cause !== null) return finish(cause);
    const isProgram = step === plan.steps.length - 1;
    if (isProgram) return finish(endOf(status, plan.limits));
    if (status !== 0) return finish({ kind: 'build-failed', code: status });
    nextStep().catch((error: unknown) => finish({ kind: 'not-started', why: String(error) }));
  };

  const scan = markScanner(mark);
  const takeIn = (data: Buffer) => {
    for (const piece of scan(data)) {
      if (finished) return;
      if (piece.kind === 'step-ended') {
        stepEnded(piece.status);
        continue;
      }
      const room = plan.limits.outputBytes - outputBytes;
      const bytes = piece.bytes.subarray(0, room);
      outputBytes += bytes.length;
      window.sent(bytes.length);
      if (bytes.length > 0) on.output(bytes);
      if (bytes.length < piece.bytes.length) {
        kill({ kind: 'limit', limit: 'output', value: Math.floor(plan.limits.outputBytes / MIB), unit: 'MiB' });
      }
    }
  };
  const terminal = plan.terminals.open(
    { argv, size: plan.size },
    {
      output: takeIn,
      // pty-steps stays until it is killed: an end before its mark is a fault of the lab.
      ended: (why) => finish(cause ?? { kind: 'not-started', why: `the lab ended it (${why})` }),
    },
  );
  const window = outputWindow(terminal);
  startStep();

  return {
    input: (bytes) => finished || terminal.input(bytes),
    resize: (size) => finished || terminal.resize(size),
    acknowledge: (bytes) => window.acknowledged(bytes),
    stop(by) {
      if (finished || cause !== null) return;
      cause = { kind: 'stopped', by };
      const reason = cause;
      terminal.signal('SIGTERM');
      after(STOP_GRACE_MS, () => kill(reason));
    },
    abandon: (by) => finish(cause ?? { kind: 'stopped', by }),
    ended,
  };
}

/** What a program left when nobody stopped it. */
export function endOf(status: number, limits: RunPlan['limits']): RunEnd {
  const name = SIGNALS.get(status - SIGNAL_BASE);
  if (name === undefined) return { kind: 'exit', code: status };
  if (name === 'SIGXCPU') return { kind: 'limit', limit: 'cpu-time', value: limits.cpuSeconds, unit: 's' };
  if (name === 'SIGXFSZ') return { kind: 'limit', limit: 'file-size', value: Math.floor(limits.fileBytes / MIB), unit: 'MiB' };
  return { kind: 'signal', signal: name };
}
