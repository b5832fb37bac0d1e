import type { Condition } from '../../../protocol/condition.ts';
import { type FromRunner, MAX_FILE_BYTES } from '../../../protocol/message.ts';
import { openJoinBox } from '../join/join-box.ts';
import { part } from '../part.ts';
import { describeRecording } from '../recording/describe.ts';
import { fetchRecording } from '../recording/fetch-recording.ts';
import { openPlayback } from '../recording/playback.ts';
import { openSession, type Session, type SessionEnd } from '../session/session.ts';
import { sessionUrl } from '../session/session-url.ts';
import { CONNECTION_LOST, NOT_UNDERSTOOD, whyUnreachable } from './lost-words.ts';
import { type EditedFile, openStage, type StageSettings } from './stage.ts';

/** All that Run brings into a lab of the page: a session with the runner, or a recording in its place, and the stage. */
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

export type LabRunSettings = Omit<StageSettings, 'change' | 'wantPackets'> & {
  /** The base path that the site was built for. */
  base: string;
  /** The recording of the files as they are now; null where there is none. */
  recording(): string | null;
};

export async function openLabRun(lab: HTMLElement, settings: LabRunSettings): Promise<LabRun> {
  // The terminal measures its letters once: they have to be there.
  await document.fonts.ready;
  const stage = openStage(lab, {
    ...settings,
    change: (condition) => void change(condition).catch(console.error),
    wantPackets() {
      arePacketsWanted = true;
      session?.wantPackets(true);
    },
  });
  const joinBox = openJoinBox(part(lab, '.join-box', HTMLFormElement), settings.base);
  let session: Session | null = null;
  /** Whether the session is a recording's. */
  let isPlayback = false;
  /** Starts anew what was asked for by Run; null once something was heard of it. */
  let wantedRun: (() => Promise<void>) | null = null;
  /** From the first look at packets on: also for sessions to come. */
  let arePacketsWanted = false;
  /** Whether the runner said what is wrong: nothing of the page's own may take that sentence away. */
  let hasError = false;
  /** Counts up with each start, stop and reset, so that a start that waits for its session knows that it is past. */
  let turn = 0;

  /** Of the visitor's own lab; it is opened when it is first needed. */
  function theSession(): Session {
    if (isPlayback) leave();
    session ??= newSession();
    return session;
  }

  function newSession(): Session {
    const { output, packets } = stage;
    const opening = openSession(sessionUrl(settings.base, location.href), { message: hear, output, packets, ended: hearEnd });
    // Before anything is run in it.
    void opening.opened.then((isOpen) => isOpen && arePacketsWanted && opening.wantPackets(true));
    return opening;
  }

  /** Ends the session without a word. */
  function leave(): void {
    turn++;
    session?.close();
    session = null;
    isPlayback = false;
  }

  async function start(edited: EditedFile[], server: string): Promise<void> {
    const tooLarge = edited.find(({ text }) => new TextEncoder().encode(text()).length > MAX_FILE_BYTES);
    if (tooLarge !== undefined) {
      settings.say(
        `${tooLarge.file} is larger than ${MAX_FILE_BYTES / 1024} KiB, which is the most that a file may hold. Shorten it.`,
      );
      return;
    }
    const opened = theSession();
    const mine = ++turn;
    hasError = false;
    wantedRun = () => start(edited, server);
    joinBox.hide();
    stage.begin(null);
    if (!(await opened.opened) || mine !== turn) return;
    stage.launch(opened, { edited, server, takesKeys: true });
  }

  async function change(condition: Condition): Promise<void> {
    const opened = theSession();
    if (await opened.opened) opened.change(condition);
  }

  async function play(): Promise<void> {
    const name = settings.recording();
    const recording = name === null ? null : await fetchRecording(settings.base, settings.snippet, name);
    if (recording === null) {
      settings.say('There is no recording of this program. Undo the change, or take one of the experiments below.');
      return;
    }
    leave();
    joinBox.hide();
    stage.forgetNetwork();
    stage.begin(describeRecording(recording));
    const pace = matchMedia('(prefers-reduced-motion: reduce)').matches ? 0 : 1;
    isPlayback = true;
    const { hear: message, output, packets } = stage;
    session = openPlayback(recording, { message, output, packets, done: leave }, pace);
    stage.launch(session, { edited: [], server: settings.snippet, takesKeys: false });
  }

  function hear(message: FromRunner): void {
    if (message.type === 'run-phase') wantedRun = null;
    stage.hear(message);
    if (message.type !== 'error' || message.request !== undefined) return;
    hasError = true;
    // The recording's terminals and its verdict can be seen all the same.
    if (message.code === 'not-in-image' && settings.recording() !== null) play().catch(console.error);
  }

  function hearEnd(end: SessionEnd): void {
    session = null;
    const wasRunning = stage.sessionLost('connection lost');
    switch (end.kind) {
      case 'unreachable':
        stage.asItCame();
        return sayWhyUnreachable();
      case 'lost':
        // Between two runs the runner may well end an idle session: the next Run opens one.
        if (wasRunning && !hasError) settings.say(CONNECTION_LOST);
        return;
      case 'not-understood':
        return settings.say(NOT_UNDERSTOOD);
    }
  }

  function sayWhyUnreachable(): void {
    const mine = turn;
    // A switch of the network that finds no runner later plays nothing.
    const run = wantedRun;
    wantedRun = null;
    whyUnreachable(settings.base).then((why) => {
      if (mine !== turn) return;
      if (why.kind === 'code-wanted') return joinBox.ask(() => void run?.().catch(console.error));
      settings.say(...why.sentence);
      if (why.kind === 'no-runner' && run !== null && settings.recording() !== null) return play();
      return;
    }, console.error);
  }

  return {
    start,
    play,
    stop() {
      // Nothing runs yet: to leave is all there is to do.
      if (!stage.stop()) leave();
    },
    forgetFaults: stage.forgetFaults,
    dispose() {
      leave();
      joinBox.dispose();
      stage.dispose();
    },
  };
}
