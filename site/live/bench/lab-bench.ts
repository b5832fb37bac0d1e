import type { Action } from '../../../protocol/lesson/lesson.ts';
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
import { openBenchShells } from './bench-shells.ts';
import { openWatchers } from './watchers.ts';

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
  let session: Session | null = null;
  let opening: Promise<void> | null = null;
  let arePacketsWanted = false;
  let areToolTextsWanted = false;
  const { look, until } = openWatchers(() => session !== null);
  const shells = openBenchShells(bench, settings.snippets, look);

  const hands: Hands = {
    type: (terminal, text) => shells.named(terminal)?.type(text),
    printed: (terminal) => shells.named(terminal)?.printed() ?? '',
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
      output: shells.output,
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
    shells.lost();
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
    shells.openAll(opened);
    await shellsReady();
    await play(settings.setup(), hands);
    settings.prepared();
  }
  const shellsReady = () => until(shells.areReady, 'the shells');

  function hear(event: FromRunner): void {
    network.packets.hear(event);
    tell(goOn(story, event));
    tellTools(noteTools(tools, event));
    settings.heard(event);
    shells.hear(event);
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
      shells.openMore(session);
      await shellsReady();
    },
    dispose() {
      leave();
      joinBox.dispose();
      network.dispose();
      verdictView.clear();
      shells.dispose();
    },
  };
}
