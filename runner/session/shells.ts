import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { excerpt } from '../../protocol/excerpt.ts';
import type { Snippet } from '../../protocol/manifest.ts';
import { type FromPage, MAX_SHELLS, type RunnerEvent } from '../../protocol/message.ts';
import type { RunEnd } from '../../protocol/run-end.ts';
import type { HostName } from '../../protocol/topology.ts';
import { LAB_SHELL_FILTER } from '../lab/holder.ts';
import type { Lab } from '../lab/lab.ts';
import type { WorkDir } from '../lab/work-dirs.ts';
import { type Run, type RunTools, startRun, type TerminalSize } from '../run/run.ts';
import type { Terminals } from '../run/terminals/terminals.ts';
import { shellCommand } from '../sandbox/command.ts';
import { type Limits, shellLimits } from '../sandbox/limits.ts';
import { limitReached } from './limit-reached.ts';
import type { Refusal } from './request.ts';
import { sandboxPlaces } from './sandbox-places.ts';

export type ShellMessage = Extract<FromPage, { type: 'shell' }>;

type StopReason = Extract<RunEnd, { kind: 'stopped' }>['by'];

/** An open shell, as runs have them too. */
export type Shell = Pick<Run, 'input' | 'resize' | 'acknowledge' | 'stop' | 'abandon'>;

/** The shells of a session, each on a host of its lab. */
export type Shells = {
  open(message: ShellMessage): void;
  /** The one of that number while it is open. */
  find(run: number): Shell | undefined;
  abandonAll(by: StopReason): void;
};

export type ShellsPlan = {
  snippets: Snippet[];
  terminals: Terminals;
  runTools: RunTools;
  limits: Limits;
  openLab: () => Promise<Lab>;
  tell: (event: RunnerEvent) => void;
  sendOutput: (run: number, bytes: Uint8Array) => void;
  refuse: (refusal: Refusal) => void;
  /** A lab that could not be made, or ended meanwhile. */
  fail: (error: unknown, run: number) => void;
  /** How many are open, whenever that changes. */
  count: (open: number) => void;
  /** Something was written to a terminal: a command may have changed the lab. */
  stirred: () => void;
};

/** What bash(1) reads first: prompt, completion, history. */
const BASHRC = readFileSync(join(import.meta.dirname, 'bashrc.sh'));

export function openShells(plan: ShellsPlan): Shells {
  const { tell, refuse } = plan;
  const shells = new Map<number, Shell>();
  /** By lab and host: where the shells of a host work. A lab that is gone took them along. */
  const homes = new WeakMap<Lab, Map<HostName, Promise<WorkDir>>>();

  const homeOf = async (lab: Lab, host: HostName, snippets: Snippet[]): Promise<WorkDir> => {
    const ofLab = homes.get(lab) ?? new Map<HostName, Promise<WorkDir>>();
    homes.set(lab, ofLab);
    const making = ofLab.get(host) ?? makeHome(lab);
    ofLab.set(host, making);
    const workDir = await making;
    for (const snippet of snippets) await putSources(lab, workDir, snippet);
    return workDir;
  };

  const start = async ({ run: id, host }: ShellMessage, snippets: Snippet[], shell: PendingShell): Promise<void> => {
    const lab = await plan.openLab();
    lab.prepareEnter();
    const workDir = await homeOf(lab, host, snippets);
    const limits = shellLimits(plan.limits);
    const meter = lab.meter(host);
    const run = shell.begin((size) =>
      startRun(
        {
          terminals: plan.terminals,
          enter: lab.enter(host),
          tools: plan.runTools,
          filter: LAB_SHELL_FILTER,
          steps: [shellCommand(['bash'], host, sandboxPlaces(lab, workDir), plan.limits)],
          beforeProgram: async () => {},
          size,
          limits,
          limitReached: () => limitReached(meter, limits),
        },
        {
          output(bytes) {
            plan.sendOutput(id, bytes);
            plan.stirred();
          },
          step: () => tell({ type: 'shell-started', run: id, host }),
        },
      ),
    );
    if (run === null) return;
    const { end, outputBytes } = await run.ended;
    tell({ type: 'shell-ended', run: id, host, end, outputBytes });
  };

  return {
    open(message) {
      const { run: id, host } = message;
      if (shells.size >= MAX_SHELLS) {
        const found = `Expected at most ${MAX_SHELLS} open shells, found one more. Close one of them first.`;
        return refuse({ code: 'busy', message: found, run: id });
      }
      const unknown = message.snippets.find((name) => !plan.snippets.some((snippet) => snippet.id === name));
      if (unknown !== undefined) {
        const known = plan.snippets.map((snippet) => snippet.id).join(', ');
        return refuse({ code: 'unknown-snippet', message: `No snippet "${excerpt(unknown)}". Known: ${known}.`, run: id });
      }
      const shell = pendingShell(message, (by) =>
        tell({ type: 'shell-ended', run: id, host, end: { kind: 'stopped', by }, outputBytes: 0 }),
      );
      shells.set(id, shell);
      plan.count(shells.size);
      start(
        message,
        plan.snippets.filter((snippet) => message.snippets.includes(snippet.id)),
        shell,
      )
        .catch((error: unknown) => {
          plan.fail(error, id);
          const end: RunEnd = { kind: 'not-started', why: 'its lab was lost' };
          tell({ type: 'shell-ended', run: id, host, end, outputBytes: 0 });
        })
        .finally(() => {
          shells.delete(id);
          plan.count(shells.size);
        });
    },
    find: (run) => shells.get(run),
    abandonAll(by) {
      for (const shell of shells.values()) shell.abandon(by);
    },
  };
}

async function makeHome(lab: Lab): Promise<WorkDir> {
  const workDir = await lab.workDirs.take();
  await lab.shell.put(`${workDir.home}/.bashrc`, BASHRC);
  return workDir;
}

/** Does nothing where somebody has worked with them already. */
async function putSources(lab: Lab, workDir: WorkDir, { id, sources }: Snippet): Promise<void> {
  const folder = `${workDir.home}/${id}`;
  const isNew = (await lab.shell.run(`mkdir ${folder} 2>/dev/null && echo new || true`)).trim() === 'new';
  if (!isNew) return;
  await Promise.all(Object.entries(sources).map(([name, text]) => lab.shell.put(`${folder}/${name}`, Buffer.from(text))));
}

/** A shell from the learner's click on, also while it still waits for its lab. */
type PendingShell = Shell & { begin(start: (size: TerminalSize) => Run): Run | null };

/** @param onNotStarted called when it was stopped while it waited */
function pendingShell({ columns, rows }: ShellMessage, onNotStarted: (by: StopReason) => void): PendingShell {
  let size: TerminalSize = { columns, rows };
  let run: Run | null = null;
  let isOver = false;
  const stopWaiting = (by: StopReason) => {
    if (run !== null || isOver) return;
    isOver = true;
    onNotStarted(by);
  };
  return {
    begin(start) {
      if (!isOver) run = start(size);
      return run;
    },
    input: (bytes) => run?.input(bytes) ?? true,
    resize(wanted) {
      size = wanted;
      run?.resize(wanted);
    },
    acknowledge: (bytes) => run?.acknowledge(bytes),
    stop(by) {
      stopWaiting(by);
      run?.stop(by);
    },
    abandon(by) {
      stopWaiting(by);
      run?.abandon(by);
    },
  };
}
