import { decodeFrame, encodeFrame } from '../../protocol/frame.ts';
import type { Snippet } from '../../protocol/manifest.ts';
import { RUN_HOSTS, type RunHost } from '../../protocol/manifest.ts';
import type { FromPage, FromRunner, RunnerEvent } from '../../protocol/message.ts';
import type { ResumeTicket } from '../../protocol/resume.ts';
import type { RunEnd } from '../../protocol/run-end.ts';
import { HOST_NAMES } from '../../protocol/topology.ts';
import { ImageGone, type LabSource, QueueFull, type Waiting } from '../admission.ts';
import { openWitness, type Witness, type WitnessListener } from '../evidence/witness.ts';
import type { Lab } from '../lab/lab.ts';
import type { RunMetrics } from '../metrics/metrics.ts';
import type { Terminals } from '../run/terminals/terminals.ts';
import type { Limits } from '../sandbox/limits.ts';
import { type ActiveRun, NotStarted, startActiveRun } from './active-run.ts';
import { type Attempts, openAttempts } from './attempts.ts';
import { conditionQueue } from './condition-queue.ts';
import { countSession } from './count-session.ts';
import { watchIdle } from './idle.ts';
import { labChanges } from './lab-changes.ts';
import { packetFeed } from './packet-feed.ts';
import { filesOfRun, parseMessage, type Refusal, type RunMessage } from './request.ts';
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
  /** Path of pty-steps as seen in a lab. */
  ptySteps: string;
  log: Log;
  metrics: RunMetrics;
};

/** A run that takes another one's place waits for its end, with its files in memory. */
const MAX_UNENDED_RUNS = 8;

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

type OpenedLab = { lab: Lab; witness: Witness; attempts: Attempts };

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
    world.log.warn(fields, 'request refused');
    tell({ type: 'error', ...refusal });
  };

  const closing = new AbortController();
  const active = new Map<RunHost, ActiveRun>();
  let lastRun = 0;
  let unendedRuns = 0;
  let opened: Promise<OpenedLab> | null = null;

  const { version, kernel, shells: hasShells } = world;
  tell({ type: 'welcome', version, kernel, shells: hasShells, resume: transport.resume });

  /** The lab is taken when it is first needed, and again after it was lost. */
  const theLab = (): Promise<OpenedLab> => {
    opened ??= openLab();
    return opened;
  };
  const openLab = (): Promise<OpenedLab> => {
    const taking = takeLab();
    // A lab that was given back may end when its successor is there already.
    const forget = () => {
      if (opened === taking) opened = null;
    };
    taking.then(({ lab }) => lab.closed.then(forget), forget);
    return taking;
  };
  const takeLab = async (): Promise<OpenedLab> => {
    const lab = await world.admission.acquire(
      closing.signal,
      tellOnce((waiting) => tell({ type: 'waiting', ...waiting })),
    );
    const witness = await witnessOf(lab, {
      event(host, event, line) {
        if (host === 'client' && event.kind === 'created') attempts.connectionBegins();
        if (host === 'client' && event.kind === 'closed') attempts.connectionEnds();
        tell({ type: 'mptcp-event', host, event, line });
      },
      toolText: (text) => tell({ type: 'tool-text', ...text }),
    });
    const attempts = openAttempts({ witness, topology: lab.topology, tell });
    world.log.info({ lab: lab.id }, 'lab given');
    void lab.closed.then(() => {
      attempts.close();
      witness.close();
      if (closing.signal.aborted || givenBack.has(lab)) return;
      idle.leave();
      packets.leave();
      world.log.error({ lab: lab.id, why: lab.lastWords() }, 'lab lost');
      tell({ type: 'lab-closed', why: 'The lab ended. Run takes a new one.' });
    });
    tell({ type: 'lab-opened', lab: lab.id, topology: lab.topology, netem: lab.netem, commands: lab.commands });
    tell({ type: 'conditions', request: null, conditions: lab.conditions.present(), commands: [] });
    packets.enter(lab);
    const meters = HOST_NAMES.map((host) => lab.meter(host));
    idle.enter({
      cpuSeconds: () => meters.reduce((sum, meter) => sum + meter.usedSeconds(), 0),
      links: () => witness.evidence().links,
    });
    witness.wantToolTexts(areToolTextsWanted);
    attempts.watchFor(openShellCount > 0);
    return { lab, witness, attempts };
  };

  /** A lab that nobody can look into, as when no descriptor is left, is given back. */
  const witnessOf = async (lab: Lab, listener: WitnessListener): Promise<Witness> => {
    try {
      return openWitness(lab, world.kernel, listener);
    } catch (error) {
      await lab.close();
      throw error;
    }
  };
  let areToolTextsWanted = false;
  const wantToolTexts = (wanted: boolean) => {
    areToolTextsWanted = wanted;
    void opened?.then(({ witness }) => witness.wantToolTexts(wanted)).catch(() => {});
  };
  /** What is told of conditions may have changed what a tool prints. */
  const tellConditions = (event: RunnerEvent) => {
    tell(event);
    void opened?.then(({ witness }) => witness.lookAtSettings()).catch(() => {});
  };

  const idle = watchIdle({
    runSeconds: world.limits.idleSeconds,
    labSeconds: world.labIdleSeconds,
    isThere: transport.isThere,
    works: () => ({ runs: active.size > 0, others: openShellCount > 0 }),
    giveBack: () =>
      void giveLabBack('idle').catch((error: unknown) => world.log.error({ error: String(error) }, 'lab not given back')),
  });

  const packets = packetFeed({
    now,
    tell,
    sendFrame: transport.sendFrame,
    fail(error) {
      if (closing.signal.aborted) return;
      refuse({ code: 'internal', message: 'Packets could not be captured. The runner’s log tells why.' });
      world.log.error({ error: String(error) }, 'capture failed');
    },
  });

  const conditions = conditionQueue({
    openLab: async () => (await theLab()).lab,
    tell: tellConditions,
    refuse,
    fail(error, request) {
      if (closing.signal.aborted) return;
      const { code, message } = refusalOf(error);
      refuse({ code, message, request });
      world.log.error({ request, error: String(error) }, 'condition failed');
    },
  });

  const changes = labChanges({
    lab: async () => (await opened)?.lab ?? null,
    tell: (conditions) => tellConditions({ type: 'conditions', request: null, conditions, commands: [] }),
    fail: (error) => world.log.warn({ error: String(error) }, 'conditions could not be read'),
  });

  const givenBack = new WeakSet<Lab>();
  let openShellCount = 0;
  let isDraining = false;
  let onShellsClosed = () => {};
  const shells = openShells({
    snippets: world.snippets,
    terminals: world.terminals,
    ptySteps: world.ptySteps,
    limits: world.limits,
    openLab: async () => (await theLab()).lab,
    tell,
    sendOutput: (run, bytes) => transport.sendFrame(encodeFrame({ kind: 'output', run, at: now(), bytes })),
    refuse,
    fail(error, run) {
      if (closing.signal.aborted) return;
      refuse({ ...refusalOf(error), run });
      world.log.error({ run, error: String(error) }, 'shell failed');
    },
    count(open) {
      openShellCount = open;
      if (open === 0) onShellsClosed();
      void opened?.then(({ attempts }) => attempts.watchFor(open > 0)).catch(() => {});
    },
    stirred() {
      idle.used();
      changes.stirred();
    },
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

  const giveLabBack = async (why: GivenBack): Promise<void> => {
    shells.abandonAll(why);
    for (const found of active.values()) found.abandon(why);
    const giving = opened;
    if (giving === null) return;
    // What is asked for from now on is for the next one.
    opened = null;
    idle.leave();
    packets.leave();
    tell({ type: 'lab-closed', why: givenBackWords(why, world.labIdleSeconds) });
    const { lab } = await giving;
    givenBack.add(lab);
    await lab.close();
  };

  const run = (message: RunMessage) => {
    if (!isNext(message.run)) return;
    const request = filesOfRun(message, world);
    if ('refusal' in request) return refuse(request.refusal);

    if (unendedRuns >= MAX_UNENDED_RUNS) {
      const found = `Expected at most ${MAX_UNENDED_RUNS} runs that have not ended, found one more.`;
      return refuse({ code: 'busy', message: found, run: message.run });
    }
    unendedRuns++;
    counter.asked(message.run, request.snippet.id);
    const previous = active.get(message.host);
    previous?.stop('restart');
    const current = startActiveRun({
      world,
      message,
      snippet: request.snippet,
      files: request.files,
      previous,
      openLab: async () => {
        await conditions.carriedOut();
        if (openShellCount > 0) await changes.settled();
        return theLab();
      },
      server: () => active.get('server'),
      beforeClient: () => packets.begin(message.run),
      tell,
      sendOutput(bytes) {
        idle.used();
        counter.output(message.run, message.host);
        transport.sendFrame(encodeFrame({ kind: 'output', run: message.run, at: now(), bytes }));
      },
      idleLimit: idle.limitReached,
      refuse: (error) => refuse({ ...refusalOf(error), run: message.run }),
    });
    active.set(message.host, current);
    void current.ended.then(() => {
      unendedRuns--;
      // A run that took this one's place keeps its server.
      if (active.get(message.host) !== current) return;
      active.delete(message.host);
      idle.used();
      // A server serves its client; it need not outlive it.
      if (message.host === 'client') active.get('server')?.stop('client-ended');
    });
  };

  /** Messages about a run that has just ended cross its end on the way: they are no fault. */
  const withRun = (id: number, action: (run: Shell) => void) => {
    if (id > lastRun) return refuse({ code: 'unknown-run', message: `No run ${id}. The last one is ${lastRun}.`, run: id });
    const found = RUN_HOSTS.map((host) => active.get(host)).find((candidate) => candidate?.id === id) ?? shells.find(id);
    if (found !== undefined) action(found);
  };

  return {
    receiveText(text) {
      const parsed = parseMessage(text);
      if ('refusal' in parsed) return refuse(parsed.refusal);
      const { message } = parsed;
      if (isDraining && begins(message)) {
        return refuse({
          code: 'draining',
          message: 'This runner is about to end, and begins nothing more.',
          ...numbersOf(message),
        });
      }
      // What a page says by itself is no use of the lab.
      if (message.type !== 'acknowledge' && message.type !== 'resize') idle.used();
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
          return packets.want(message.wanted);
        case 'tool-texts':
          return wantToolTexts(message.wanted);
        case 'shell':
          return openShell(message);
        case 'fresh-lab':
          giveLabBack('fresh-lab').catch((error: unknown) => world.log.warn({ error: String(error) }, 'lab was not given back'));
          return void theLab().catch((error: unknown) => refuse(refusalOf(error)));
      }
    },
    receiveFrame(encoded) {
      const frame = decodeFrame(encoded);
      if (frame === null || frame.kind !== 'input') {
        return refuse({ code: 'malformed', message: `Expected a frame of terminal input, found ${encoded.length} other bytes.` });
      }
      idle.used();
      const { run: id, bytes } = frame;
      withRun(id, (found) => {
        if (!found.input(bytes)) refuse({ code: 'busy', run: id, message: 'The program does not read what is typed.' });
      });
    },
    async drain(seconds) {
      isDraining = true;
      tell({ type: 'draining', seconds });
      // Who waits for a lab can do so elsewhere.
      for (const found of active.values()) found.stopWaiting('shutdown');
      const shellsClosed = new Promise<void>((resolve) => {
        onShellsClosed = resolve;
      });
      await Promise.all([...[...active.values()].map(({ ended }) => ended), openShellCount > 0 ? shellsClosed : null]);
    },
    async close(by) {
      if (closing.signal.aborted) return;
      closing.abort(new Error('The session was closed.'));
      for (const found of active.values()) found.abandon(by);
      shells.abandonAll(by);
      changes.close();
      idle.leave();
      const lab = await opened?.catch(() => null);
      await packets.close();
      await lab?.lab.close();
    },
  };
}

type GivenBack = 'fresh-lab' | 'idle';

function givenBackWords(why: GivenBack, idleSeconds: number): string {
  if (why === 'fresh-lab') return 'The lab was given back. A fresh one takes its place.';
  const time = idleSeconds >= 120 ? `${Math.round(idleSeconds / 60)} minutes` : `${idleSeconds} s`;
  return `Your lab was given back after ${time} without use. Run takes a new one.`;
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

/** The same news twice is no news. */
function tellOnce(tell: (waiting: Waiting) => void): (waiting: Waiting) => void {
  let last = '';
  return (waiting) => {
    const news = JSON.stringify(waiting);
    if (news !== last) tell(waiting);
    last = news;
  };
}
