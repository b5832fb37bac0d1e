import { decodeFrame, encodeFrame } from '../../protocol/frame.ts';
import type { RunHost, Snippet } from '../../protocol/manifest.ts';
import type { FromPage, FromRunner, RunnerEvent } from '../../protocol/message.ts';
import type { ResumeTicket } from '../../protocol/resume.ts';
import type { RunEnd } from '../../protocol/run-end.ts';
import { ImageGone, type LabSource, QueueFull } from '../admission.ts';
import type { Lab } from '../lab/lab.ts';
import type { RunMetrics } from '../metrics/metrics.ts';
import type { RunTools } from '../run/run.ts';
import type { Terminals } from '../run/terminals/terminals.ts';
import type { Limits } from '../sandbox/limits.ts';
import { NotStarted } from './active-run.ts';
import { MAX_UNENDED_RUNS, openActiveRuns } from './active-runs.ts';
import { conditionQueue } from './condition-queue.ts';
import { countSession } from './count-session.ts';
import { filesOfRun, parseMessage, type Refusal, type RunMessage } from './request.ts';
import { openSessionLab } from './session-lab.ts';
import { openShells, type Shell, type ShellMessage } from './shells.ts';

/** One line an event; pino's own methods fit. No code and no output of a learner goes in. */
export type Log = Record<'info' | 'warn' | 'error', (fields: object, message: string) => void>;

/** What a session needs of its runner. */
export type SessionWorld = {
  version: string;
  kernel: string;
  snippets: Snippet[];
  /** Ids of snippets that the image has no compiler or interpreter for. */
  leftOut: string[];
  admission: LabSource<Lab>;
  /** For what could not be started: whether that is because the image is gone. */
  imageFault(): ImageGone | null;
  limits: Limits;
  /** A lab that nobody uses is given back after so long. */
  labIdleSeconds: number;
  /** Whether sessions may open shells. */
  shells: boolean;
  /** Folders of a lab with what was compiled ahead, by snippet. */
  caches: Map<string, string>;
  /** The folder of a lab with these very sources compiled, sources included; `null` where they have to be compiled first. */
  builds(snippet: Snippet, host: RunHost): string | null;
  terminals: Terminals;
  /** As seen in a lab. */
  runTools: RunTools;
  log: Log;
  metrics: RunMetrics;
};

/** The way to the page; a WebSocket, or a terminal of the machine. */
export type Transport = {
  /** With what a page comes back to this session; `null` for who cannot get lost. */
  resume: ResumeTicket | null;
  /** Whether somebody is at the other end just now. */
  isThere(): boolean;
  sendEvent(event: FromRunner): void;
  sendFrame(frame: Uint8Array<ArrayBuffer>): void;
};

/** One page's conversation with the runner. Owns a lab and the runs in it. */
export type Session = {
  receiveText(text: string): void;
  receiveFrame(frame: Uint8Array): void;
  /** Begins nothing more, and says so. Resolves once all that has begun is over; that may take longer than it should. */
  drain(seconds: number): Promise<void>;
  /** Ends all runs and the lab. */
  close(by: Extract<RunEnd, { kind: 'stopped' }>['by']): Promise<void>;
};

export function openSession(world: SessionWorld, transport: Transport): Session {
  const openedAt = performance.now();
  const now = () => performance.now() - openedAt;
  const counter = countSession(world.metrics);
  const tell = (event: RunnerEvent) => {
    counter.told(event);
    transport.sendEvent({ at: now(), ...event });
  };
  const refuse = (refusal: Refusal) => {
    // The sentence is for who is refused: it may repeat what was sent.
    const { message: _, ...fields } = refusal;
    world.log.warn({ lab: lab.id(), ...fields }, 'request refused');
    tell({ type: 'error', ...refusal });
  };

  const closing = new AbortController();
  let lastRun = 0;
  let openShellCount = 0;
  let isDraining = false;
  let onShellsClosed = () => {};
  /** What failed because the session ends is no news. */
  const failed = (refusal: Refusal, error: unknown, what: string) => {
    if (closing.signal.aborted) return;
    refuse(refusal);
    const { message: _, code: __, ...numbers } = refusal;
    world.log.error({ lab: lab.id(), ...numbers, error: String(error) }, what);
  };

  const { version, kernel, shells: hasShells } = world;
  tell({ type: 'welcome', version, kernel, shells: hasShells, resume: transport.resume });

  const lab = openSessionLab({
    world,
    closing: closing.signal,
    now,
    tell,
    refuse,
    sendFrame: transport.sendFrame,
    isThere: transport.isThere,
    works: () => ({ runs: runs.areAny(), shells: openShellCount > 0 }),
    abandonAll(why) {
      shells.abandonAll(why);
      runs.abandonAll(why);
    },
  });

  const conditions = conditionQueue({
    openLab: async () => (await lab.open()).lab,
    tell: lab.tellConditions,
    refuse,
    fail(error, request) {
      const { code, message } = refusalOf(error);
      failed({ code, message, request }, error, 'condition failed');
    },
  });

  const shells = openShells({
    snippets: world.snippets,
    terminals: world.terminals,
    runTools: world.runTools,
    limits: world.limits,
    openLab: async () => (await lab.open()).lab,
    tell,
    sendOutput: (run, bytes) => transport.sendFrame(encodeFrame({ kind: 'output', run, at: now(), bytes })),
    refuse,
    fail: (error, run) => failed({ ...refusalOf(error), run }, error, 'shell failed'),
    count(open) {
      openShellCount = open;
      if (open === 0) onShellsClosed();
      lab.withPresent(({ attempts }) => attempts.watchFor(open > 0));
    },
    stirred() {
      lab.idle.used();
      lab.changes.stirred();
      lab.withPresent(({ attempts }) => attempts.stirred());
    },
  });

  const runs = openActiveRuns({
    world,
    openLab: async () => {
      await conditions.carriedOut();
      if (openShellCount > 0) await lab.changes.settled();
      return lab.open();
    },
    beforeClient: lab.packets.begin,
    tell,
    sendOutput({ run, host }, bytes) {
      lab.idle.used();
      counter.output(run, host);
      transport.sendFrame(encodeFrame({ kind: 'output', run, at: now(), bytes }));
    },
    idleLimit: lab.idle.limitReached,
    onStart: ({ run }, { id }) => counter.asked(run, id),
    onEnd: lab.idle.used,
    fail: (error, run) => refuse({ ...refusalOf(error), run }),
  });

  /** Whether the page's number for a run is a new one. */
  const isNext = (run: number): boolean => {
    if (run > lastRun) {
      lastRun = run;
      return true;
    }
    refuse({ code: 'out-of-order', message: `Expected a run number higher than ${lastRun}, found ${run}.`, run });
    return false;
  };

  const openShell = (message: ShellMessage) => {
    if (!isNext(message.run)) return;
    if (world.shells) return shells.open(message);
    refuse({ code: 'shells-off', message: 'Shells are switched off on this runner (SHELLS=off).', run: message.run });
  };

  const run = (message: RunMessage) => {
    if (!isNext(message.run)) return;
    // Before anything is made of its files.
    if (runs.areFull()) {
      const found = `Expected at most ${MAX_UNENDED_RUNS} runs that have not ended, found one more.`;
      return refuse({ code: 'busy', message: found, run: message.run });
    }
    const request = filesOfRun(message, world);
    if ('refusal' in request) return refuse(request.refusal);
    runs.start(message, request.snippet, request.files);
  };

  const takeFreshLab = () => {
    lab.giveBack('fresh-lab').catch((error: unknown) => world.log.warn({ error: String(error) }, 'lab was not given back'));
    lab.open().catch((error: unknown) => refuse(refusalOf(error)));
  };

  /** Messages about a run that has just ended cross its end on the way: they are no fault. */
  const withRun = (id: number, action: (run: Shell) => void) => {
    if (id > lastRun) return refuse({ code: 'unknown-run', message: `No run ${id}. The last one is ${lastRun}.`, run: id });
    const found = runs.find(id) ?? shells.find(id);
    if (found !== undefined) action(found);
  };

  return {
    receiveText(text) {
      const parsed = parseMessage(text);
      if ('refusal' in parsed) return refuse(parsed.refusal);
      const { message } = parsed;
      // A page asks for a server and its client one after the other: who has the first gets the second.
      const isDue = message.type === 'run' && message.host === 'client' && runs.isClientDue();
      if (isDraining && begins(message) && !isDue) {
        return refuse({
          code: 'draining',
          message: 'This runner is about to end, and begins nothing more.',
          ...numbersOf(message),
        });
      }
      // What a page says by itself is no use of the lab.
      if (message.type !== 'acknowledge' && message.type !== 'resize') lab.idle.used();
      switch (message.type) {
        case 'run':
          return run(message);
        case 'stop':
          return withRun(message.run, (found) => found.stop('learner'));
        case 'resize':
          return withRun(message.run, (found) => found.resize({ columns: message.columns, rows: message.rows }));
        case 'acknowledge':
          return withRun(message.run, (found) => found.acknowledge(message.bytes));
        case 'condition':
          return conditions.ask(message);
        case 'packets':
          return lab.packets.want(message.wanted);
        case 'tool-texts':
          return lab.wantToolTexts(message.wanted);
        case 'shell':
          return openShell(message);
        case 'fresh-lab':
          return takeFreshLab();
      }
    },
    receiveFrame(encoded) {
      const frame = decodeFrame(encoded);
      if (frame === null || frame.kind !== 'input') {
        return refuse({ code: 'malformed', message: `Expected a frame of terminal input, found ${encoded.length} other bytes.` });
      }
      lab.idle.used();
      const { run: id, bytes } = frame;
      withRun(id, (found) => {
        if (!found.input(bytes)) refuse({ code: 'busy', run: id, message: 'The program does not read what is typed.' });
      });
    },
    async drain(seconds) {
      isDraining = true;
      tell({ type: 'draining', seconds });
      // Who waits for a lab can do so elsewhere.
      runs.stopWaiting('shutdown');
      const shellsClosed = new Promise<void>((resolve) => {
        onShellsClosed = resolve;
      });
      await Promise.all([runs.ended(), openShellCount > 0 ? shellsClosed : null]);
    },
    async close(by) {
      if (closing.signal.aborted) return;
      closing.abort(new Error('The session was closed.'));
      runs.abandonAll(by);
      shells.abandonAll(by);
      await lab.close();
    },
  };
}

/** Whether a message would start something. */
function begins({ type }: FromPage): boolean {
  return type === 'run' || type === 'shell' || type === 'fresh-lab' || type === 'condition';
}

function numbersOf(message: FromPage): Pick<Refusal, 'run' | 'request'> {
  if (message.type === 'condition') return { request: message.request };
  return 'run' in message ? { run: message.run } : {};
}

function refusalOf(error: unknown): Refusal {
  if (error instanceof QueueFull) return { code: 'busy', message: error.message };
  if (error instanceof ImageGone) return { code: 'internal', message: error.message };
  if (error instanceof NotStarted) {
    return { code: 'internal', message: 'The program could not be started. The runner’s log tells why.' };
  }
  return {
    code: 'internal',
    message: 'The lab could not be made. The runner’s log tells why; `npm run doctor` names what is missing.',
  };
}
