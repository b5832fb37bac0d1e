import type { Program, Snippet } from '../../protocol/manifest.ts';
import type { RunnerEvent } from '../../protocol/message.ts';
import type { LimitHit, RunEnd } from '../../protocol/run-end.ts';
import { QueueFull } from '../admission.ts';
import type { Witness } from '../evidence/witness.ts';
import { LAB_FILTER } from '../lab/holder.ts';
import type { Lab } from '../lab/lab.ts';
import type { WorkDir } from '../lab/work-dirs.ts';
import { type Run, type RunResult, startRun, type TerminalSize } from '../run/run.ts';
import { sandboxCommand } from '../sandbox/command.ts';
import type { Attempts } from './attempts.ts';
import { limitReached } from './limit-reached.ts';
import { watchLimits } from './met-limits.ts';
import type { RunMessage } from './request.ts';
import { sandboxPlaces } from './sandbox-places.ts';
import type { SessionWorld } from './session.ts';
import { type Watch, watch } from './watch.ts';

type StopReason = Extract<RunEnd, { kind: 'stopped' }>['by'];

/** A run from the learner's click to its end, also while it still waits for its lab. */
export type ActiveRun = {
  id: number;
  /** Of the server: its port, for the client to wait for. */
  port: number;
  /** Whether the run before it on the same host is over, so that what listens there is its own. */
  hasBegun(): boolean;
  /** False when the program has so much to read that this was not taken. */
  input(bytes: Uint8Array): boolean;
  resize(size: TerminalSize): void;
  acknowledge(bytes: number): void;
  stop(by: StopReason): void;
  /** Whether its lab is there. */
  hasLab(): boolean;
  abandon(by: StopReason): void;
  ended: Promise<void>;
};

export type ActiveRunPlan = {
  world: SessionWorld;
  message: RunMessage;
  snippet: Snippet;
  files: Map<string, Buffer>;
  /** The run before on the same host: it must be over first. */
  previous: ActiveRun | undefined;
  openLab: () => Promise<{ lab: Lab; witness: Witness; attempts: Pick<Attempts, 'giveWay'> }>;
  server: () => ActiveRun | undefined;
  /** Resolves once all is ready to see what the client does. */
  beforeClient: () => Promise<void>;
  tell: (event: RunnerEvent) => void;
  sendOutput: (bytes: Uint8Array) => void;
  /** The limit of all that runs in the lab, when nothing was done there for too long. */
  idleLimit: () => LimitHit | null;
  refuse: (error: unknown) => void;
};

/** A client starts without its server after so long: the learner then sees what a client sees. */
const LISTEN_TIMEOUT_MS = 10_000;
const LISTEN_POLL_MS = 1;

export function startActiveRun(plan: ActiveRunPlan): ActiveRun {
  const { message, snippet, tell, world } = plan;
  const { run: id, host } = message;
  const program = snippet.manifest.programs[host];
  let size: TerminalSize = { columns: message.columns, rows: message.rows };
  let run: Run | null = null;
  let watching: Watch | null = null;
  let stoppedBy: StopReason | null = null;
  let hasLab = false;
  let takeBack = () => {};
  const { promise: stopAsked, resolve: askStop } = Promise.withResolvers<null>();

  const carryOut = async (): Promise<void> => {
    await plan.previous?.ended;
    const opened = await Promise.race([plan.openLab(), stopAsked]);
    if (opened === null || stoppedBy !== null) return tellEnd(notStarted({ kind: 'stopped', by: stoppedBy ?? 'learner' }));
    hasLab = true;
    const { lab, witness, attempts } = opened;
    if (host === 'client') takeBack = attempts.giveWay();
    lab.prepareEnter();
    const workDir = await lab.workDirs.take();
    const isBuilt = await takeBuilt(lab, workDir);
    if (!isBuilt)
      await Promise.all(filesOf(program, plan.files).map(([name, content]) => lab.shell.put(`${workDir.home}/${name}`, content)));
    const steps = program.build === undefined || isBuilt ? [program.run] : [program.build, program.run];
    // With a build step, the program is waited for after it.
    if (steps.length === 1) await beforeProgram(lab, witness);
    if (stoppedBy !== null) return tellEnd(notStarted({ kind: 'stopped', by: stoppedBy }));

    const places = sandboxPlaces(lab, workDir, world.caches.get(snippet.id));
    const meter = lab.meter(host);
    const metLimits = watchLimits(meter, world.limits);
    run = startRun(
      {
        terminals: world.terminals,
        enter: lab.enter(host),
        tools: world.runTools,
        filter: LAB_FILTER,
        steps: steps.map((step) => sandboxCommand(step, host, places, world.limits, snippet.manifest.environment)),
        beforeProgram: () => beforeProgram(lab, witness),
        size,
        limits: world.limits,
        limitReached: () => limitReached(meter, world.limits) ?? plan.idleLimit(),
      },
      {
        output(bytes) {
          metLimits.heard(bytes);
          plan.sendOutput(bytes);
        },
        step(index, isProgram) {
          tell({
            type: 'run-phase',
            run: id,
            host,
            phase: isProgram ? 'running' : 'building',
            command: (steps[index] ?? []).join(' '),
          });
        },
      },
    );
    const ended = withLoss(await run.ended, lab);
    const result = { ...ended, end: metLimits.told(ended.end) };
    await watching?.finish();
    if (result.end.kind === 'not-started') {
      world.log.error({ lab: lab.id, run: id, why: result.end.why }, 'a program could not be started');
      plan.refuse(world.imageFault() ?? new NotStarted(result.end.why));
    }
    tellEnd(result);
    world.log.info(
      { lab: lab.id, run: id, snippet: snippet.id, host, end: result.end.kind, ms: Math.round(result.durationMs) },
      'run ended',
    );
    // Makes room for the next run; a lab that is gone took it along.
    await lab.workDirs.remove(workDir).catch(() => {});
  };

  /** Fills the working directory with what these very sources were compiled to before, where that was kept. */
  const takeBuilt = async (lab: Lab, workDir: WorkDir): Promise<boolean> => {
    const sources = Object.fromEntries([...plan.files].map(([name, content]) => [name, content.toString()]));
    const built = world.builds({ ...snippet, sources }, host);
    if (built === null) return false;
    await lab.shell.fill(built, workDir.home);
    return true;
  };

  const beforeProgram = async (lab: Lab, witness: Witness): Promise<void> => {
    if (host !== 'client') return;
    await Promise.all([serverListens(witness), plan.beforeClient()]);
    if (stoppedBy !== null) return;
    // Before the program exists: a quick one may be done before this process is told that it began.
    witness.begin();
    watching = watch(
      witness,
      lab.topology,
      (evidence, verdict, final) => {
        tell({ type: 'evidence', run: id, evidence });
        if (verdict !== null) tell({ type: 'verdict', run: id, final, verdict });
      },
      (links) => tell({ type: 'traffic', run: id, links }),
      (flows) => tell({ type: 'flows', run: id, flows }),
    );
  };

  const serverListens = async (witness: Witness): Promise<void> => {
    const server = plan.server();
    if (server === undefined) return;
    tell({ type: 'run-phase', run: id, host, phase: 'waiting', command: '' });
    const deadline = performance.now() + LISTEN_TIMEOUT_MS;
    let serverEnded = false;
    void server.ended.then(() => {
      serverEnded = true;
    });
    const isListening = () => server.hasBegun() && witness.serverListensOn(server.port);
    while (!serverEnded && stoppedBy === null && performance.now() < deadline && !isListening()) {
      await new Promise((resolve) => setTimeout(resolve, LISTEN_POLL_MS));
    }
  };

  const tellEnd = (result: RunResult) => tell({ type: 'run-ended', run: id, host, ...result });

  const ended = carryOut()
    .catch((error: unknown) => {
      watching?.abandon();
      const end: RunEnd =
        stoppedBy === null ? { kind: 'not-started', why: whyNot(error, hasLab) } : { kind: 'stopped', by: stoppedBy };
      if (stoppedBy === null) {
        plan.refuse(error);
        // A full line is no fault of the runner, and told as a request that was refused.
        if (!(error instanceof QueueFull)) world.log.error({ run: id, error: describe(error) }, 'run failed');
      }
      tellEnd(notStarted(end));
    })
    .finally(() => takeBack());

  const stop = (by: StopReason) => {
    stoppedBy ??= by;
    askStop(null);
    run?.stop(by);
  };

  return {
    id,
    port: snippet.manifest.port,
    hasBegun: () => run !== null,
    ended,
    // Before there is a terminal, nobody can type into it.
    input: (bytes) => run?.input(bytes) ?? true,
    resize(wanted) {
      size = wanted;
      run?.resize(wanted);
    },
    acknowledge: (bytes) => run?.acknowledge(bytes),
    stop,
    hasLab: () => hasLab,
    abandon(by) {
      stoppedBy ??= by;
      askStop(null);
      watching?.abandon();
      run?.abandon(by);
    },
  };
}

/** A program that its lab took along has not failed, and nobody has killed it. */
function withLoss(result: RunResult, lab: Lab): RunResult {
  if (lab.isAlive()) return result;
  switch (result.end.kind) {
    case 'limit':
    case 'stopped':
      return result;
    case 'exit':
    case 'signal':
    case 'build-failed':
    case 'not-started':
      return { ...result, end: { kind: 'stopped', by: 'lab-lost' } };
  }
}

function whyNot(error: unknown, hasLab: boolean): string {
  if (error instanceof QueueFull) return 'no lab is free';
  return hasLab ? 'its lab was lost' : 'no lab could be made';
}

/** Something between the runner and the program failed. */
export class NotStarted extends Error {}

function notStarted(end: RunEnd): RunResult {
  return { end, durationMs: 0, outputBytes: 0 };
}

/** A program sees its own files, as its manifest lists them. */
function filesOf(program: Program, files: Map<string, Buffer>): [string, Buffer][] {
  return [...files].filter(([name]) => program.files.includes(name));
}

function describe(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  return error.cause === undefined ? error.message : `${error.message} (${describe(error.cause)})`;
}
