import type { Condition } from '../../../protocol/condition.ts';
import type { PacketsFrame } from '../../../protocol/frame.ts';
import { RUN_HOSTS, type RunHost } from '../../../protocol/manifest.ts';
import type { FromRunner, RunPhase } from '../../../protocol/message.ts';
import { describeRunEnd, type RunEnd } from '../../../protocol/run-end.ts';
import { openFaultList } from '../faults/fault-list.ts';
import { openNetworkView } from '../network/network-view.ts';
import { part } from '../part.ts';
import type { Session } from '../session/session.ts';
import type { SourcePanel } from '../source-panel.ts';
import { openTerminal, type TerminalPane } from '../terminal/terminal-pane.ts';
import { formatDuration } from '../verdict/quantity.ts';
import { openVerdictView } from '../verdict/verdict-view.ts';
import { bringIntoSight } from './bring-into-sight.ts';
import { type RunFaults, readForFaults } from './run-faults.ts';
import { openWaitingView } from './waiting-view.ts';

/** Everything in a lab of the page that shows what a session says: terminals, verdict, network, marked errors. */
export type Stage = {
  /** All is as before a run. `recording` says what is played; null for what happens now. */
  begin(recording: string | null): void;
  /** Starts both programs, and shows them. */
  launch(session: Session, runs: Launch): void;
  hear(message: FromRunner): void;
  output(frame: { run: number; bytes: Uint8Array }): void;
  packets(frame: PacketsFrame): void;
  /** The session is over, and with it all that ran. Tells whether something did. */
  sessionLost(note: string): boolean;
  /** Stops what runs; false when nothing runs yet. */
  stop(): boolean;
  /** Nothing ran: the recording is seen again. */
  asItCame(): void;
  /** From now on another network is told of. */
  forgetNetwork(): void;
  forgetFaults(): void;
  dispose(): void;
};

export type EditedFile = { file: string; hosts: string[]; text(): string };

export type Launch = { edited: EditedFile[]; server: string; takesKeys: boolean };

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
};

type LiveRun = { host: RunHost; pane: TerminalPane; faults: RunFaults };

const PHASES: Record<RunPhase, string> = { building: 'building', waiting: 'waiting for the server', running: 'running' };

export function openStage(lab: HTMLElement, settings: StageSettings): Stage {
  const verdictView = openVerdictView(part(lab, '.lab-verdict', HTMLElement));
  const waitingView = openWaitingView(part(lab, '.lab-waiting', HTMLElement));
  const faultList = openFaultList(lab, settings.panels, settings.show);
  const network = openNetworkView(part(lab, '.lab-network', HTMLElement), settings);
  const panes = { client: openPane('client'), server: openPane('server') };
  let session: Session | null = null;
  /** Runs that have not ended, by their number. */
  const live = new Map<number, LiveRun>();
  let clientRun: number | null = null;
  /** For a lab, or for the image. */
  let isWaiting = false;
  let hasVerdict = false;

  function openPane(host: RunHost): TerminalPane {
    return openTerminal(part(lab, `.lab-terminal[data-host=${host}]`, HTMLElement), {
      input: (bytes) => forRunOn(host, (run) => session?.input(run, bytes)),
      resized: ({ columns, rows }) => forRunOn(host, (run) => session?.resize(run, columns, rows)),
    });
  }

  function forRunOn(host: RunHost, act: (run: number) => void): void {
    for (const [run, { host: its }] of live) if (its === host) act(run);
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

  function settleAll(): LiveRun[] {
    return [...live.keys()].flatMap((run) => settle(run) ?? []);
  }

  function stopWaiting(): void {
    isWaiting = false;
    waitingView.hide();
  }

  function asItCame(): void {
    verdictView.clear();
    for (const pane of Object.values(panes)) pane.cover();
  }

  function hearError(message: string, run: number | undefined): void {
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

  return {
    begin(recording) {
      settleAll();
      for (const pane of Object.values(panes)) {
        pane.clear();
        pane.uncover();
      }
      stopWaiting();
      faultList.clear();
      hasVerdict = false;
      clientRun = null;
      settings.busy(true);
      verdictView.source(recording);
      verdictView.hint(recording === null ? 'Run starts.' : 'The recording starts.');
      bringIntoSight(lab);
    },
    launch(opened, { edited, server, takesKeys }) {
      session = opened;
      for (const host of ['server', 'client'] as const) {
        const snippet = host === 'server' ? server : settings.snippet;
        const isOwn = ({ hosts }: { hosts: string[] }) => snippet === settings.snippet && hosts.includes(host);
        const files = Object.fromEntries(edited.filter(isOwn).map(({ file, text }) => [file, text()]));
        const run = opened.run({ snippet, host, files, ...panes[host].size() });
        live.set(run, { host, pane: panes[host], faults: readForFaults(settings.panels.filter(isOwn)) });
        panes[host].setLive(takesKeys);
        if (host === 'client') clientRun = run;
      }
    },
    hear(message) {
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
          return hearError(message.message, message.run);
        case 'welcome':
        case 'conditions':
        case 'mptcp-event':
        case 'traffic':
        case 'capture':
          return;
      }
    },
    output({ run, bytes }) {
      const printing = live.get(run);
      printing?.faults.heard(bytes);
      printing?.pane.write(bytes, () => session?.takenIn(run, bytes.length));
    },
    packets: network.packets,
    sessionLost(note) {
      stopWaiting();
      const lost = settleAll();
      for (const { pane } of lost) pane.note(note);
      settings.busy(false);
      if (lost.length > 0 && !hasVerdict) verdictView.hint('No verdict: the connection to the runner is lost.');
      return lost.length > 0;
    },
    stop() {
      if (live.size > 0 && !isWaiting) {
        for (const run of live.keys()) session?.stop(run);
        return true;
      }
      settleAll();
      stopWaiting();
      settings.busy(false);
      asItCame();
      return false;
    },
    asItCame,
    forgetNetwork: network.clear,
    forgetFaults: faultList.clear,
    dispose() {
      faultList.clear();
      live.clear();
      stopWaiting();
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
