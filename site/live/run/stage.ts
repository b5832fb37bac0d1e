import type { Condition } from '../../../protocol/condition.ts';
import type { Evidence } from '../../../protocol/evidence.ts';
import type { PacketsFrame } from '../../../protocol/frame.ts';
import { RUN_HOSTS, type RunHost } from '../../../protocol/manifest.ts';
import type { FromRunner, RunPhase } from '../../../protocol/message.ts';
import { openFaultList } from '../faults/fault-list.ts';
import { openNetworkView } from '../network/network-view.ts';
import { newStory } from '../network/story.ts';
import { part } from '../part.ts';
import type { Tape } from '../recording/tape.ts';
import type { Session } from '../session/session.ts';
import type { SourcePanel } from '../source-panel.ts';
import { openReplay } from '../terminal/replay.ts';
import { openTerminal, type TerminalPane } from '../terminal/terminal-pane.ts';
import { newToolLog } from '../tools/tool-log.ts';
import { openVerdictView } from '../verdict/verdict-view.ts';
import { type RunFaults, readForFaults } from './run-faults.ts';
import { isLive, newScene, type Program, type Scene, type SceneEvent, sceneAfter, withPrograms } from './scene.ts';
import { openWaitingView } from './waiting-view.ts';

/**
 * Everything in a lab of the page that shows what is told of a run: terminals, verdict, network, marked errors. It shows the
 * present, made of what a session says, or a moment of a tape.
 */
export type Stage = {
  /** All is as before a run, and the present is shown. */
  begin(): void;
  /** Starts both programs, and shows them. */
  launch(session: Session, runs: Launch): void;
  hear(message: FromRunner): void;
  output(frame: { run: number; bytes: Uint8Array }): void;
  packets(frame: PacketsFrame): void;
  /** The session is over, and with it all that ran. Tells whether something did. */
  sessionLost(words: string): boolean;
  /** Stops what runs; false when nothing runs yet. */
  stop(): boolean;
  /** Shows a moment of a tape in place of the present, and says of what it is one; null goes back to the present. */
  look(at: { tape: Tape; atMs: number; of: string } | null): void;
  present(): Scene;
  /** Nothing ran: the recording is seen again. */
  asItCame(): void;
  /** From now on another network is told of. */
  forgetNetwork(): void;
  forgetFaults(): void;
  dispose(): void;
};

export type EditedFile = { file: string; hosts: string[]; text(): string };

export type Launch = { edited: EditedFile[]; server: string };

export type StageSettings = {
  snippet: string;
  panels: SourcePanel[];
  say(...sentence: (string | Node)[]): void;
  /** Whether there is something to stop. */
  busy(isBusy: boolean): void;
  /** Brings the file with this index to the front. */
  show(index: number): void;
  /** The visitor switches something in the network. */
  change(condition: Condition): void;
  /** The visitor looks at packets. */
  wantPackets(): void;
  /** The visitor looks at sockets. */
  wantToolTexts(): void;
};

const PHASES: Record<RunPhase, string> = { building: 'building', waiting: 'waiting for the server', running: 'running' };

export function openStage(lab: HTMLElement, settings: StageSettings): Stage {
  const verdictBar = part(lab, '.lab-verdict', HTMLElement);
  const verdictView = openVerdictView(verdictBar);
  const waitingView = openWaitingView(part(lab, '.lab-waiting', HTMLElement));
  const faultList = openFaultList(lab, settings.panels, settings.show);
  const network = openNetworkView(part(lab, '.lab-network', HTMLElement), settings);
  const panes = { client: openPane('client'), server: openPane('server') };
  const replays = { client: openReplay(panes.client), server: openReplay(panes.server) };
  let session: Session | null = null;
  let faults: Partial<Record<RunHost, RunFaults>> = {};
  let present = newScene();
  let looked: { tape: Tape; atMs: number; of: string } | null = null;
  /** What is seen now. */
  let drawn: { scene: Scene; of: string | null } = { scene: present, of: null };
  let evidence: Evidence | null = null;

  function openPane(host: RunHost): TerminalPane {
    return openTerminal(part(lab, `.lab-terminal[data-host=${host}]`, HTMLElement), {
      input: (bytes) => forRunOn(host, (run) => session?.input(run, bytes)),
      resized: ({ columns, rows }) => forRunOn(host, (run) => session?.resize(run, columns, rows)),
    });
  }

  function forRunOn(host: RunHost, act: (run: number) => void): void {
    const program = present.programs[host];
    if (isLive(program)) act(program.run);
  }

  function hostOf(run: number): RunHost | undefined {
    return RUN_HOSTS.find((host) => isLive(present.programs[host]) && present.programs[host]?.run === run);
  }

  function isAnyLive(): boolean {
    return RUN_HOSTS.some((host) => isLive(present.programs[host]));
  }

  /** One more event in the present. A program that is over now says so in its terminal. */
  function goOn(event: SceneEvent): void {
    const before = present;
    present = sceneAfter(present, event);
    for (const host of RUN_HOSTS) {
      const state = present.programs[host]?.state;
      if (state?.kind === 'over' && isLive(before.programs[host]) && state.words !== null) panes[host].note(state.words);
    }
    if (present.programs !== before.programs && !isAnyLive()) settings.busy(false);
    draw();
  }

  function draw(): void {
    const scene = looked === null ? present : looked.tape.sceneAt(looked.atMs);
    const of = looked?.of ?? null;
    const { scene: before } = drawn;
    if (scene.waiting === null) waitingView.hide();
    else if (scene.waiting !== before.waiting) waitingView.show(scene.waiting);
    for (const host of RUN_HOSTS) drawProgram(panes[host], scene.programs[host], before.programs[host]);
    if (scene.lab !== before.lab && scene.lab !== null) verdictView.inLab(scene.lab);
    if (scene.verdict !== before.verdict || scene.hint !== before.hint || of !== drawn.of) drawVerdict(scene, of);
    if (scene.verdict !== null && scene.evidence !== null && scene.evidence !== evidence) {
      evidence = scene.evidence;
      verdictView.because(evidence);
    }
    network.show(scene.story, looked?.tape.last.story);
    network.tools.show(scene.tools, scene.story.topology);
    drawn = { scene, of };
  }

  function drawProgram(pane: TerminalPane, program: Program | null, before: Program | null): void {
    if (program === before) return;
    if (program === null) {
      pane.setLive(false);
      return pane.cover();
    }
    if (before === null) pane.uncover();
    pane.setCommand(program.command);
    pane.setPhase(program.state.kind === 'active' ? PHASES[program.state.phase] : '');
    pane.setLive(looked === null && isLive(program));
  }

  function drawVerdict({ verdict, hint }: Scene, of: string | null): void {
    // Who goes back and forth finds all else in its place: a time before the verdict is as high as the verdict.
    if (of === null || verdict !== null) verdictBar.style.minHeight = '';
    else if (verdictBar.dataset['kind'] !== undefined) verdictBar.style.minHeight = `${verdictBar.offsetHeight}px`;
    verdictView.source(of);
    if (verdict !== null) return verdictView.show(verdict.verdict, verdict.final);
    evidence = null;
    if (hint === null) verdictView.clear();
    else verdictView.hint(hint);
  }

  function asItCame(): void {
    looked = null;
    present = { ...newScene(), lab: present.lab, story: present.story, tools: present.tools };
    for (const host of RUN_HOSTS) replays[host].forget();
    network.packets.look(null, 0);
    draw();
  }

  return {
    begin() {
      looked = null;
      present = { ...newScene(), lab: present.lab, story: present.story, tools: present.tools, hint: 'Run starts.' };
      faultList.clear();
      network.packets.look(null, 0);
      settings.busy(true);
      draw();
      for (const host of RUN_HOSTS) {
        replays[host].forget();
        panes[host].clear();
        panes[host].uncover();
      }
    },
    launch(opened, { edited, server }) {
      session = opened;
      const runOf = (host: RunHost) => {
        const snippet = host === 'server' ? server : settings.snippet;
        const isOwn = ({ hosts }: { hosts: string[] }) => snippet === settings.snippet && hosts.includes(host);
        const files = Object.fromEntries(edited.filter(isOwn).map(({ file, text }) => [file, text()]));
        faults[host] = readForFaults(settings.panels.filter(isOwn));
        return opened.run({ snippet, host, files, ...panes[host].size() });
      };
      faults = {};
      const runs = { server: runOf('server'), client: runOf('client') };
      present = withPrograms(present, runs, 'Run starts.');
      draw();
    },
    hear(message) {
      network.packets.hear(message);
      const host = message.type === 'run-ended' ? hostOf(message.run) : undefined;
      goOn(message);
      if (message.type === 'run-ended' && host !== undefined) faultList.add(faults[host]?.found(message.end) ?? []);
      if (message.type === 'lab-closed') settings.say(message.why);
      if (message.type !== 'error') return;
      settings.say(message.message);
      // A switch that the lab refused: nothing has changed.
      if (message.request !== undefined || isAnyLive() || present.verdict !== null) return;
      asItCame();
    },
    output({ run, bytes }) {
      const host = hostOf(run);
      if (host === undefined) return;
      faults[host]?.heard(bytes);
      panes[host].write(bytes, () => session?.takenIn(run, bytes.length));
    },
    packets: network.packets.take,
    sessionLost(words) {
      const wasLive = isAnyLive();
      goOn({ at: 0, type: 'session-lost', words });
      settings.busy(false);
      return wasLive;
    },
    stop() {
      if (isAnyLive() && present.waiting === null) {
        for (const host of RUN_HOSTS) forRunOn(host, (run) => session?.stop(run));
        return true;
      }
      settings.busy(false);
      asItCame();
      return false;
    },
    look(at) {
      const before = looked;
      looked = at;
      if (at !== null) {
        const { tape, atMs } = at;
        const { programs } = tape.sceneAt(atMs);
        for (const host of RUN_HOSTS) replays[host].show(tape.output[host], atMs, endWords(programs[host]));
        network.packets.look(tape.packets, atMs);
      } else if (before !== null) {
        // The present of a run is the end of its tape.
        const { tape } = before;
        for (const host of RUN_HOSTS) replays[host].show(tape.output[host], tape.endMs, endWords(present.programs[host]));
        network.packets.look(null, 0);
      }
      draw();
    },
    present: () => present,
    asItCame,
    forgetNetwork() {
      present = { ...present, story: newStory(), tools: newToolLog() };
      network.packets.clear();
      draw();
    },
    forgetFaults: faultList.clear,
    dispose() {
      faultList.clear();
      present = newScene();
      looked = null;
      draw();
      network.dispose();
      settings.busy(false);
      for (const host of RUN_HOSTS) panes[host].dispose();
    },
  };
}

function endWords(program: Program | null): string | null {
  return program?.state.kind === 'over' ? program.state.words : null;
}
