import type { Evidence } from '../../../protocol/evidence.ts';
import { RUN_HOSTS, type RunHost } from '../../../protocol/manifest.ts';
import type { FromRunner, RunnerEvent, RunPhase } from '../../../protocol/message.ts';
import { describeRunEnd, type RunEnd } from '../../../protocol/run-end.ts';
import type { Verdict } from '../../../protocol/verdict.ts';
import { goOn, newStory, type Story } from '../network/story.ts';
import { newToolLog, noteTools, type ToolLog } from '../tools/tool-log.ts';
import { formatDuration } from '../verdict/quantity.ts';

/**
 * Everything that a lab of the page shows of its present run, but for what is printed and the packets: those only grow.
 * Made of the stream of events alone, so that any moment of it can be seen again. Pure.
 */
export type Scene = {
  /** Null before a run was asked for. */
  programs: Record<RunHost, Program | null>;
  /** Run waits for a lab, or for the image. */
  waiting: Waiting | null;
  /** What is said as long as there is no verdict. Null: as the page came. */
  hint: string | null;
  verdict: { verdict: Verdict; final: boolean } | null;
  /** A recording keeps the last verdict alone. */
  isVerdictLast: boolean;
  evidence: Evidence | null;
  lab: { netem: boolean; commands: string } | null;
  story: Story;
  tools: ToolLog;
};

export type Program = {
  run: number;
  /** Null before it is known; "./client". */
  command: string | null;
  state: { kind: 'asked' } | { kind: 'active'; phase: RunPhase } | { kind: 'over'; words: string | null };
};

export type Waiting = Extract<RunnerEvent, { type: 'waiting' }>;

/** What a runner says, or that nothing more is to be heard of it; `words` for who looks at the terminals. */
export type SceneEvent = FromRunner | { at: number; type: 'session-lost'; words: string };

export function newScene(): Scene {
  return {
    programs: { client: null, server: null },
    waiting: null,
    hint: null,
    verdict: null,
    isVerdictLast: false,
    evidence: null,
    lab: null,
    story: newStory(),
    tools: newToolLog(),
  };
}

/** Nothing was asked for: the page shows what it came with. */
export function isBlank({ hint, verdict }: Scene): boolean {
  return hint === null && verdict === null;
}

/** Both programs are asked for, on the same network. */
export function withPrograms(scene: Scene, runs: Record<RunHost, number>, hint: string): Scene {
  const asked = (run: number): Program => ({ run, command: null, state: { kind: 'asked' } });
  const programs = { client: asked(runs.client), server: asked(runs.server) };
  return { ...scene, programs, waiting: null, hint, verdict: null, evidence: null };
}

export function isLive(program: Program | null): program is Program {
  return program !== null && program.state.kind !== 'over';
}

/** The scene with one more event in it. What another run did leaves it as it is. */
export function sceneAfter(scene: Scene, event: SceneEvent): Scene {
  if (event.type === 'session-lost') return lost(scene, event.words);
  const story = goOn(scene.story, event);
  const tools = noteTools(scene.tools, event);
  const told = story === scene.story && tools === scene.tools ? scene : { ...scene, story, tools };
  switch (event.type) {
    case 'waiting':
      return {
        ...told,
        waiting: event,
        hint: event.for === 'image' ? 'Run waits until the image is made.' : 'Run waits for a free lab.',
      };
    case 'lab-opened':
      return { ...told, waiting: null, lab: { netem: event.netem, commands: event.commands } };
    case 'run-phase':
      return afterPhase(told, event.run, event.phase, event.command);
    case 'run-ended':
      return afterEnd(told, event.run, event.end, event.durationMs);
    case 'evidence':
      return event.run === told.programs.client?.run ? { ...told, evidence: event.evidence } : told;
    case 'verdict': {
      const { verdict, final } = event;
      return event.run === told.programs.client?.run ? { ...told, verdict: { verdict, final } } : told;
    }
    case 'error':
      // What was refused will not run, and nothing more is to be heard of it.
      return event.run === undefined ? told : withState(told, event.run, { kind: 'over', words: null });
    case 'welcome':
    case 'lab-closed':
    case 'draining':
    case 'conditions':
    case 'mptcp-event':
    case 'attempt':
    case 'shell-started':
    case 'shell-ended':
    case 'traffic':
    case 'flows':
    case 'capture':
    case 'tool-text':
      return told;
  }
}

function afterPhase(scene: Scene, run: number, phase: RunPhase, command: string): Scene {
  const host = liveHost(scene, run);
  if (host === null) return scene;
  const active: Program = {
    run,
    command: phase === 'waiting' ? (scene.programs[host]?.command ?? null) : command,
    state: { kind: 'active', phase },
  };
  const next = { ...scene, waiting: null, programs: { ...scene.programs, [host]: active } };
  // A server may still be built when its client has failed already.
  return isLive(next.programs.client) ? { ...next, hint: scene.isVerdictLast ? VERDICT_LAST : VERDICT_SOON } : next;
}

const VERDICT_SOON = 'The programs run; the verdict comes with the connection.';
const VERDICT_LAST = 'The programs run; the verdict comes at the end of the recording.';

function afterEnd(scene: Scene, run: number, end: RunEnd, durationMs: number): Scene {
  const host = liveHost(scene, run);
  if (host === null) return scene;
  const words = describeRunEnd(end);
  const line = end.kind === 'not-started' ? words : `${words} after ${formatDuration(durationMs)}`;
  const next = { ...withState(scene, run, { kind: 'over', words: line }), waiting: null };
  // After an ordinary end the verdict is on its way.
  return host === 'client' && end.kind !== 'exit' ? { ...next, hint: `No verdict. The client program: ${words}.` } : next;
}

function lost(scene: Scene, words: string): Scene {
  const wasLive = RUN_HOSTS.some((host) => isLive(scene.programs[host]));
  const programs = { ...scene.programs };
  for (const host of RUN_HOSTS) {
    const program = programs[host];
    if (isLive(program)) programs[host] = { ...program, state: { kind: 'over', words } };
  }
  const hint = wasLive ? 'No verdict: the connection to the runner is lost.' : scene.hint;
  return { ...scene, programs, waiting: null, hint };
}

function withState(scene: Scene, run: number, state: Program['state']): Scene {
  const host = liveHost(scene, run);
  const program = host === null ? null : scene.programs[host];
  if (host === null || program === null) return scene;
  return { ...scene, programs: { ...scene.programs, [host]: { ...program, state } } };
}

function liveHost(scene: Scene, run: number): RunHost | null {
  return RUN_HOSTS.find((host) => isLive(scene.programs[host]) && scene.programs[host]?.run === run) ?? null;
}
