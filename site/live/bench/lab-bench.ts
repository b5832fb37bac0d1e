import type { TerminalFrame } from '../../../protocol/frame.ts';
import { type Action, hostOf, type TerminalName } from '../../../protocol/lesson/lesson.ts';
import { type Hands, play } from '../../../protocol/lesson/play.ts';
import type { FromRunner } from '../../../protocol/message.ts';
import { openJoinBox } from '../join/join-box.ts';
import { openNetworkView } from '../network/network-view.ts';
import { goOn, newStory, type Story } from '../network/story.ts';
import { part } from '../part.ts';
import { NOT_UNDERSTOOD, TOO_MUCH_WAITS, whyUnreachable } from '../run/lost-words.ts';
import { openWaitingView } from '../run/waiting-view.ts';
import type { SessionEnd } from '../session/connection.ts';
import { openSession, type Session } from '../session/session.ts';
import { sessionUrl } from '../session/session-url.ts';
import { onWake } from '../session/wake.ts';
import { newToolLog, noteTools, type ToolLog } from '../tools/tool-log.ts';
import { openVerdictView } from '../verdict/verdict-view.ts';
import { openShellPane, type ShellPane } from './shell-pane.ts';

/** A lab with shells, alive in the page. */
export type LabBench = {
  /** Resolves once all shells are there. Rejects with a sentence for the visitor. */
  open(): Promise<void>;
  /** Gives the lab back and takes a fresh one. */
  fresh(): Promise<void>;
  /** Does these things in the terminals, as if somebody typed them. */
  play(actions: Action[]): Promise<void>;
  /** Opens a shell in each terminal that is in sight and has none. */
  openMore(): Promise<void>;
  dispose(): void;
};

export type LabBenchSettings = {
  base: string;
  /** Whose sources are in the homes of the next shells. */
  snippets(): string[];
  setup(): Action[];
  say(...sentence: (string | Node)[]): void;
  isOpen(open: boolean): void;
  heard(event: FromRunner): void;
  /** The lab is as its lesson wants it: whatever happens from now on is the learner's. */
  prepared(): void;
};

/** A command of a lesson takes seconds; whatever takes longer is stuck. */
const PLAY_TIMEOUT_MS = 60_000;

export function openLabBench(bench: HTMLElement, settings: LabBenchSettings): LabBench {
  const verdictView = openVerdictView(part(bench, '.lab-verdict', HTMLElement));
  const waitingView = openWaitingView(part(bench, '.lab-waiting', HTMLElement));
  const network = openNetworkView(part(bench, '.lab-network', HTMLElement), {
    change: (condition) => void theSession().then((opened) => opened.change(condition), console.error),
    wantPackets() {
      arePacketsWanted = true;
      session?.wantPackets(true);
    },
    wantToolTexts() {
      areToolTextsWanted = true;
      session?.wantToolTexts(true);
    },
  });
  const joinBox = openJoinBox(part(bench, '.join-box', HTMLFormElement), settings.base);
  let story: Story = newStory();
  const tell = (next: Story) => {
    story = next;
    network.show(story);
  };
  let tools: ToolLog = newToolLog();
  const tellTools = (next: ToolLog) => {
    tools = next;
    network.tools.show(tools, story.topology);
  };
  const panes = new Map<TerminalName, ShellPane>();
  /** A terminal that nobody has chosen is hidden, and has no shell. */
  const places = new Map<ShellPane, HTMLElement>();
  const chosenPanes = () => [...panes.values()].filter((pane) => places.get(pane)?.hidden === false);
  let session: Session | null = null;
  let opening: Promise<void> | null = null;
  let arePacketsWanted = false;
  let areToolTextsWanted = false;
  const watchers = new Set<() => void>();
  const look = () => {
    for (const watcher of [...watchers]) watcher();
  };
  for (const place of bench.querySelectorAll<HTMLElement>('.lab-terminal')) {
    const name = terminalName(place.dataset['terminal']);
    const pane = openShellPane(place, hostOf(name), settings.snippets, look);
    panes.set(name, pane);
    places.set(pane, place);
  }
  const paneOf = (run: number) => [...panes.values()].find((pane) => pane.run() === run);

  /** Resolves once it holds; looked at with each thing that is heard. */
  function until(holds: () => boolean, what: string): Promise<void> {
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    const timer = setTimeout(() => reject(new Error(`Waited in vain for ${what}.`)), PLAY_TIMEOUT_MS);
    const watcher = () => {
      if (session === null) reject(new Error('The lab is gone.'));
      else if (holds()) resolve();
    };
    watchers.add(watcher);
    watcher();
    return promise.finally(() => {
      clearTimeout(timer);
      watchers.delete(watcher);
    });
  }

  const hands: Hands = {
    type: (terminal, text) => panes.get(terminal)?.type(text),
    printed: (terminal) => panes.get(terminal)?.printed() ?? '',
    until,
    async change(condition) {
      const before = answered;
      session?.change(condition);
      await until(() => answered > before, 'the network to change');
    },
    wait: (ms) => new Promise((resolve) => setTimeout(resolve, ms)),
  };
  /** Conditions that were answered, by the new state or by an error. */
  let answered = 0;

  async function theSession(): Promise<Session> {
    await openOnce();
    if (session === null) throw new Error('The lab is gone.');
    return session;
  }

  function openOnce(): Promise<void> {
    opening ??= takeLab().catch((error: unknown) => {
      leave();
      throw error;
    });
    return opening;
  }

  async function takeLab(): Promise<void> {
    const listener = {
      message: hear,
      output: ({ run, bytes }: TerminalFrame) => paneOf(run)?.output(bytes),
      packets: network.packets.take,
      away: (isAway: boolean) => settings.say(isAway ? 'The network is lost. Trying again; what runs goes on.' : ''),
      full: () => settings.say(TOO_MUCH_WAITS),
      ended,
    };
    const opened = openSession((path) => sessionUrl(path, settings.base, location.href), listener, onWake);
    session = opened;
    if (!(await opened.opened)) return notOpened();
    if (arePacketsWanted) opened.wantPackets(true);
    if (areToolTextsWanted) opened.wantToolTexts(true);
    settings.isOpen(true);
    await openShells(opened);
  }

  /** @throws Error with a sentence for the visitor; with a code to join, the lab is opened again instead */
  async function notOpened(): Promise<void> {
    const why = await whyUnreachable(settings.base);
    if (why.kind !== 'code-wanted') {
      throw new Error(why.sentence.map((piece) => (typeof piece === 'string' ? piece : (piece.textContent ?? ''))).join(''));
    }
    const { promise, resolve } = Promise.withResolvers<void>();
    joinBox.ask(resolve);
    await promise;
    return takeLab();
  }

  function ended(end: SessionEnd): void {
    session = null;
    opening = null;
    for (const pane of panes.values()) pane.lost();
    waitingView.hide();
    settings.isOpen(false);
    look();
    switch (end.kind) {
      case 'unreachable':
        return;
      case 'lost':
        return settings.say('The connection to the runner is lost, and the lab with it. Open it anew.');
      case 'given-up':
        return settings.say(end.why);
      case 'not-understood':
        return settings.say(NOT_UNDERSTOOD);
    }
  }

  async function openShells(opened: Session): Promise<void> {
    isReady.clear();
    for (const pane of chosenPanes()) pane.open(opened);
    await shellsReady();
    await play(settings.setup(), hands);
    settings.prepared();
  }
  const shellsReady = () => until(() => chosenPanes().every((pane) => isReady.has(pane) || pane.run() === null), 'the shells');
  const isReady = new Set<ShellPane>();

  function hear(event: FromRunner): void {
    network.packets.hear(event);
    tell(goOn(story, event));
    tellTools(noteTools(tools, event));
    settings.heard(event);
    switch (event.type) {
      case 'waiting':
        waitingView.show(event);
        break;
      case 'lab-opened':
        waitingView.hide();
        verdictView.inLab(event);
        break;
      case 'lab-closed':
        verdictView.clear();
        break;
      case 'shell-started': {
        const pane = paneOf(event.run);
        pane?.started();
        if (pane !== undefined) isReady.add(pane);
        break;
      }
      case 'shell-ended':
        paneOf(event.run)?.ended(event.end);
        break;
      case 'attempt':
        verdictView.source(null);
        verdictView.hint('A connection begins.');
        break;
      case 'evidence':
        verdictView.because(event.evidence);
        break;
      case 'verdict':
        verdictView.show(event.verdict, event.final);
        break;
      case 'conditions':
        if (event.request !== null) answered++;
        break;
      case 'error':
        if (event.request !== undefined) answered++;
        if (event.run !== undefined) paneOf(event.run)?.ended({ kind: 'not-started', why: event.message });
        settings.say(event.message);
        break;
      default:
    }
    look();
  }

  function leave(): void {
    session?.close();
    session = null;
    opening = null;
    waitingView.hide();
    settings.isOpen(false);
    look();
  }

  return {
    open: openOnce,
    async fresh() {
      const opened = await theSession();
      network.packets.clear();
      tell(newStory());
      tellTools(newToolLog());
      verdictView.clear();
      opened.freshLab();
      await openShells(opened);
    },
    async play(actions) {
      await openOnce();
      await play(actions, hands);
    },
    async openMore() {
      if (session === null) return;
      for (const pane of chosenPanes()) if (pane.run() === null) pane.open(session);
      await shellsReady();
    },
    dispose() {
      leave();
      joinBox.dispose();
      network.dispose();
      verdictView.clear();
      for (const pane of panes.values()) pane.dispose();
    },
  };
}

function terminalName(name: string | undefined): TerminalName {
  for (const host of ['client', 'router', 'server'] as const) {
    if (name === host) return host;
    if (name === `${host} 2`) return `${host} 2`;
  }
  throw new Error(`Expected the name of a terminal, found "${name}"`);
}
