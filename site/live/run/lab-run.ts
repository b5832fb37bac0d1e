import type { Condition } from '../../../protocol/condition.ts';
import { RUN_HOSTS, type RunHost } from '../../../protocol/manifest.ts';
import { type FromRunner, MAX_FILE_BYTES, type RunPhase } from '../../../protocol/message.ts';
import { describeRunEnd, type RunEnd } from '../../../protocol/run-end.ts';
import { openFaultList } from '../faults/fault-list.ts';
import { openNetworkView } from '../network/network-view.ts';
import { part } from '../part.ts';
import { describeRecording } from '../recording/describe.ts';
import { fetchRecording } from '../recording/fetch-recording.ts';
import { openPlayback } from '../recording/playback.ts';
import { openSession, type Session, type SessionEnd } from '../session/session.ts';
import { sessionUrl } from '../session/session-url.ts';
import type { SourcePanel } from '../source-panel.ts';
import { openTerminal, type TerminalPane } from '../terminal/terminal-pane.ts';
import { formatDuration } from '../verdict/quantity.ts';
import { openVerdictView } from '../verdict/verdict-view.ts';
import { bringIntoSight } from './bring-into-sight.ts';
import { CONNECTION_LOST, NOT_UNDERSTOOD, whyUnreachable } from './lost-words.ts';
import { type RunFaults, readForFaults } from './run-faults.ts';
import { openWaitingView } from './waiting-view.ts';

/** All that Run brings into a lab of the page: a session, two terminals and the verdict. */
export type LabRun = {
  /**
   * Runs both programs, the edited files as they are now. What ran before is stopped.
   *
   * @param server the snippet whose server is to run; one of another language runs as its own page shows it
   */
  start(edited: EditedFile[], server: string): Promise<void>;
  /** Plays what `settings.recording` names, as it ran then. */
  play(): Promise<void>;
  stop(): void;
  /** Takes the marks of errors away. */
  forgetFaults(): void;
  /** Ends the session and puts the lab back as the page came. */
  dispose(): void;
};

export type EditedFile = { file: string; hosts: string[]; text(): string };

export type LabRunSettings = {
  snippet: string;
  /** The base path that the site was built for. */
  base: string;
  /** The recording of the files as they are now; null where there is none. */
  recording(): string | null;
  say(...sentence: (string | Node)[]): void;
  /** Whether there is something to stop. */
  busy(isBusy: boolean): void;
  panels: SourcePanel[];
  /** Brings the file with this index to the front. */
  show(index: number): void;
};

type LiveRun = { host: RunHost; pane: TerminalPane; faults: RunFaults };

const PHASES: Record<RunPhase, string> = { building: 'building', waiting: 'waiting for the server', running: 'running' };

export async function openLabRun(lab: HTMLElement, settings: LabRunSettings): Promise<LabRun> {
  // The terminal measures its letters once: they have to be there.
  await document.fonts.ready;
  const verdictView = openVerdictView(part(lab, '.lab-verdict', HTMLElement));
  const waitingView = openWaitingView(part(lab, '.lab-waiting', HTMLElement));
  const faultList = openFaultList(lab, settings.panels, settings.show);
  const panes = { client: openPane('client'), server: openPane('server') };
  const network = openNetworkView(part(lab, '.lab-network', HTMLElement), (condition) => {
    change(condition).catch(console.error);
  });
  let session: Session | null = null;
  /** Runs that have not ended, by their number. */
  const live = new Map<number, LiveRun>();
  let clientRun: number | null = null;
  /** For a lab, or for the image. */
  let isWaiting = false;
  let hasVerdict = false;
  /** Whether a Run was asked for, and nothing came of it yet. */
  let isWanted = false;
  /** Whether what is seen comes from a recording. */
  let isPlayback = false;
  /** Whether the runner said what is wrong: nothing of the page's own may take that sentence away. */
  let hasError = false;
  /** Counts up with each start, stop and reset, so that a start that waits for its session knows that it is past. */
  let turn = 0;

  function openPane(host: RunHost): TerminalPane {
    return openTerminal(part(lab, `.lab-terminal[data-host=${host}]`, HTMLElement), {
      input: (bytes) => forRunOn(host, (run) => session?.input(run, bytes)),
      resized: ({ columns, rows }) => forRunOn(host, (run) => session?.resize(run, columns, rows)),
    });
  }

  function forRunOn(host: RunHost, act: (run: number) => void): void {
    for (const [run, { host: its }] of live) if (its === host) act(run);
  }

  function filesOf(snippet: string, host: RunHost): SourcePanel[] {
    return settings.panels.filter(({ hosts }) => snippet === settings.snippet && hosts.includes(host));
  }

  function settle(run: number): LiveRun | null {
    const ended = live.get(run);
    if (ended === undefined) return null;
    live.delete(run);
    ended.pane.setLive(false);
    ended.pane.setPhase('');
    if (live.size === 0) settings.busy(false);
    return ended;
  }

  async function start(edited: EditedFile[], server: string): Promise<void> {
    const tooLarge = edited.find(({ text }) => new TextEncoder().encode(text()).length > MAX_FILE_BYTES);
    if (tooLarge !== undefined) {
      settings.say(
        `${tooLarge.file} is larger than ${MAX_FILE_BYTES / 1024} KiB, which is the most that a file may hold. Shorten it.`,
      );
      return;
    }
    if (isPlayback) leave();
    const mine = begin(null);
    const opened = theSession();
    if (!(await opened.opened) || mine !== turn) return;
    runBoth(opened, edited, server);
  }

  /** Of the visitor's own lab; it is opened when it is first needed. */
  function theSession(): Session {
    session ??= openSession(sessionUrl(settings.base, location.href), { message: hear, output: hearOutput, ended: hearEnd });
    return session;
  }

  async function change(condition: Condition): Promise<void> {
    if (isPlayback) leave();
    const opened = theSession();
    if (await opened.opened) opened.change(condition);
  }

  async function play(): Promise<void> {
    const recording = await fetchRecording(settings.base, settings.snippet, settings.recording() ?? '');
    if (recording === null) {
      settings.say('There is no recording of this program. Undo the change, or take one of the experiments below.');
      return;
    }
    leave();
    network.clear();
    isPlayback = true;
    begin(describeRecording(recording));
    const pace = matchMedia('(prefers-reduced-motion: reduce)').matches ? 0 : 1;
    session = openPlayback(recording, { message: hear, output: hearOutput, done: leave }, pace);
    runBoth(session, [], settings.snippet);
    for (const pane of Object.values(panes)) pane.setLive(false);
  }

  /** All is as before a run. */
  function begin(recording: string | null): number {
    for (const run of live.keys()) settle(run);
    for (const pane of Object.values(panes)) {
      pane.clear();
      pane.uncover();
    }
    stopWaiting();
    faultList.clear();
    hasVerdict = false;
    hasError = false;
    clientRun = null;
    settings.busy(true);
    isWanted = recording === null;
    verdictView.source(recording);
    verdictView.hint(recording === null ? 'Run starts.' : 'The recording starts.');
    bringIntoSight(lab);
    return ++turn;
  }

  function runBoth(opened: Session, edited: EditedFile[], server: string): void {
    for (const host of ['server', 'client'] as const) {
      const snippet = host === 'server' ? server : settings.snippet;
      const own = edited.filter(({ hosts }) => snippet === settings.snippet && hosts.includes(host));
      const files = Object.fromEntries(own.map(({ file, text }) => [file, text()]));
      const run = opened.run({ snippet, host, files, ...panes[host].size() });
      live.set(run, { host, pane: panes[host], faults: readForFaults(filesOf(snippet, host)) });
      panes[host].setLive(true);
      if (host === 'client') clientRun = run;
    }
  }

  function stop(): void {
    if (live.size > 0 && !isWaiting) {
      for (const run of live.keys()) session?.stop(run);
      return;
    }
    // Nothing runs yet: to leave is all there is to do.
    leave();
    for (const run of live.keys()) settle(run);
    settings.busy(false);
    asItCame();
  }

  /** Nothing ran: the recording is seen again. */
  function asItCame(): void {
    verdictView.clear();
    for (const pane of Object.values(panes)) pane.cover();
  }

  /** Ends the session without a word. */
  function leave(): void {
    turn++;
    session?.close();
    session = null;
    isPlayback = false;
    stopWaiting();
  }

  function stopWaiting(): void {
    isWaiting = false;
    waitingView.hide();
  }

  function hear(message: FromRunner): void {
    network.hear(message);
    switch (message.type) {
      case 'waiting':
        verdictView.hint(message.for === 'image' ? 'Run waits until the image is made.' : 'Run waits for a free lab.');
        isWaiting = true;
        return waitingView.show(message);
      case 'lab-opened':
        verdictView.inLab(message);
        return stopWaiting();
      case 'lab-closed':
        if (live.size > 0) settings.say(`The lab was closed: ${message.why}`);
        return;
      case 'run-phase':
        return hearPhase(message.run, message.phase, message.command);
      case 'run-ended':
        return hearRunEnd(message.run, message.end, message.durationMs);
      case 'evidence':
        if (message.run === clientRun) verdictView.because(message.evidence);
        return;
      case 'verdict':
        if (message.run !== clientRun) return;
        hasVerdict = true;
        return verdictView.show(message.verdict, message.final);
      case 'error':
        // A switch that the lab refused: nothing has changed.
        if (message.request !== undefined) return settings.say(message.message);
        hearError(message.message, message.run);
        // Its terminals and its verdict can be seen all the same.
        if (message.code === 'not-in-image' && settings.recording() !== null) play().catch(console.error);
        return;
      case 'welcome':
      case 'conditions':
      case 'mptcp-event':
        return;
    }
  }

  function hearError(message: string, run: number | undefined): void {
    hasError = true;
    settings.say(message);
    // What was refused will not run, and nothing more is to be heard of it.
    if (run !== undefined) settle(run);
    if (live.size > 0) return;
    stopWaiting();
    if (!hasVerdict) asItCame();
  }

  function hearPhase(run: number, phase: RunPhase, command: string): void {
    const phased = live.get(run);
    if (phased === undefined) return;
    stopWaiting();
    phased.pane.setPhase(PHASES[phase]);
    if (phase !== 'waiting') phased.pane.setCommand(command);
    // A server may still be built when its client has failed already.
    const isClientLive = clientRun !== null && live.has(clientRun);
    if (!hasVerdict && isClientLive) verdictView.hint('The programs run; the verdict comes with the connection.');
  }

  function hearOutput({ run, bytes }: { run: number; bytes: Uint8Array }): void {
    const printing = live.get(run);
    printing?.faults.heard(bytes);
    printing?.pane.write(bytes, () => session?.takenIn(run, bytes.length));
  }

  function hearRunEnd(run: number, end: RunEnd, durationMs: number): void {
    const ended = settle(run);
    if (ended === null) return;
    stopWaiting();
    ended.pane.note(endLine(end, durationMs));
    faultList.add(ended.faults.found(end));
    // After an ordinary end the verdict is on its way.
    if (run === clientRun && !hasVerdict && end.kind !== 'exit') {
      verdictView.hint(`No verdict. The client program: ${describeRunEnd(end)}.`);
    }
  }

  function hearEnd(end: SessionEnd): void {
    session = null;
    stopWaiting();
    const wasRunning = live.size > 0;
    // Also of a Run that never came so far as to start a program.
    const wasWanted = isWanted;
    isWanted = false;
    for (const run of [...live.keys()]) settle(run)?.pane.note('connection lost');
    settings.busy(false);
    if (end.kind === 'unreachable') asItCame();
    else if (!hasVerdict) verdictView.hint('No verdict: the connection to the runner is lost.');
    switch (end.kind) {
      case 'unreachable': {
        const mine = turn;
        whyUnreachable(settings.base).then(({ isRunner, sentence }) => {
          if (mine !== turn) return;
          settings.say(...sentence);
          if (!isRunner && wasWanted && settings.recording() !== null) return play();
          return;
        }, console.error);
        return;
      }
      case 'lost':
        // Between two runs the runner may well end an idle session: the next Run opens one.
        if (wasRunning && !hasError) settings.say(CONNECTION_LOST);
        return;
      case 'not-understood':
        return settings.say(NOT_UNDERSTOOD);
    }
  }

  return {
    start,
    play,
    stop,
    forgetFaults: faultList.clear,
    dispose() {
      leave();
      faultList.clear();
      live.clear();
      network.dispose();
      verdictView.source(null);
      settings.busy(false);
      verdictView.clear();
      for (const host of RUN_HOSTS) panes[host].dispose();
    },
  };
}

function endLine(end: RunEnd, durationMs: number): string {
  const words = describeRunEnd(end);
  return end.kind === 'not-started' ? words : `${words} after ${formatDuration(durationMs)}`;
}
