import type { Condition } from '../../../protocol/condition.ts';
import type { PacketsFrame, TerminalFrame } from '../../../protocol/frame.ts';
import { type FromRunner, MAX_FILE_BYTES } from '../../../protocol/message.ts';
import { openJoinBox } from '../join/join-box.ts';
import { part } from '../part.ts';
import { describeRun } from '../recording/describe.ts';
import { type RunRecorder, recordRun } from '../recording/run-recorder.ts';
import { openViewing } from '../recording/viewing.ts';
import type { SessionEnd } from '../session/connection.ts';
import { openSession, type Session } from '../session/session.ts';
import { sessionUrl } from '../session/session-url.ts';
import { onWake } from '../session/wake.ts';
import { bringIntoSight } from './bring-into-sight.ts';
import { CONNECTION_LOST, GOING_AWAY, NOT_UNDERSTOOD, TOO_MUCH_WAITS, whyUnreachable } from './lost-words.ts';
import { isBlank, type SceneEvent } from './scene.ts';
import { type EditedFile, openStage, type StageSettings } from './stage.ts';

/** All that Run brings into a lab of the page: a session with the runner, tapes of what was or is to be seen, and the stage. */
export type LabRun = {
  /**
   * Runs both programs, the edited files as they are now. What ran before is stopped.
   *
   * @param server the snippet whose server is to run; one of another language runs as its own page shows it
   */
  start(edited: EditedFile[], server: string): Promise<void>;
  /** Plays: the run that was just seen, or what `settings.recording` names. Pauses, where it plays. */
  toggle(): Promise<void>;
  /** Goes to a moment of what the bar of time stands for. */
  seek(atMs: number): Promise<void>;
  stop(): void;
  /** Takes the marks of errors away. */
  forgetFaults(): void;
  /** Ends the session and puts the lab back as the page came. */
  dispose(): void;
};

export type LabRunSettings = Omit<StageSettings, 'change' | 'wantPackets' | 'wantToolTexts'> & {
  /** The base path that the site was built for. */
  base: string;
  /** `over`: there is none to lose. */
  connection(state: 'lost' | 'there again' | 'over'): void;
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
    wantToolTexts() {
      areToolTextsWanted = true;
      session?.wantToolTexts(true);
    },
  });
  const joinBox = openJoinBox(part(lab, '.join-box', HTMLFormElement), settings.base);
  const viewing = openViewing(lab, {
    ...settings,
    look: stage.look,
    leave() {
      leave();
      joinBox.hide();
      stage.asItCame();
      stage.forgetNetwork();
    },
  });
  let session: Session | null = null;
  let recorder: RunRecorder | null = null;
  /** Starts anew what was asked for by Run; null once something was heard of it. */
  let wantedRun: (() => Promise<void>) | null = null;
  /** From the first look at packets on: also for sessions to come. */
  let arePacketsWanted = false;
  /** Likewise, of sockets. */
  let areToolTextsWanted = false;
  /** Whether the runner said what is wrong: nothing of the page's own may take that sentence away. */
  let hasError = false;
  /** Whether the runner of this session is about to end: the next run needs another session. */
  let isGoingAway = false;
  /** Counts up with each start, stop and reset, so that a start that waits for its session knows that it is past. */
  let turn = 0;

  /** Of the visitor's own lab; it is opened when it is first needed. */
  function theSession(): Session {
    if (isGoingAway) leave();
    session ??= newSession();
    return session;
  }

  function newSession(): Session {
    const listener = {
      message: hear,
      output: hearOutput,
      packets: hearPackets,
      away: (isAway: boolean) => settings.connection(isAway ? 'lost' : 'there again'),
      full: () => settings.say(TOO_MUCH_WAITS),
      ended: hearEnd,
    };
    const opening = openSession((path) => sessionUrl(path, settings.base, location.href), listener, onWake);
    // Before anything is run in it.
    void opening.opened.then((isOpen) => {
      if (isOpen && arePacketsWanted) opening.wantPackets(true);
      if (isOpen && areToolTextsWanted) opening.wantToolTexts(true);
    });
    return opening;
  }

  /** Ends the session without a word. */
  function leave(): void {
    turn++;
    settings.connection('over');
    session?.close();
    session = null;
    isGoingAway = false;
    recorder = null;
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
    recorder = null;
    viewing.wait();
    stage.begin();
    bringIntoSight(lab);
    if (!(await opened.opened) || mine !== turn) return;
    stage.launch(opened, { edited, server });
    recorder = recordRun(stage.present());
  }

  async function change(condition: Condition): Promise<void> {
    viewing.toPresent();
    const opened = theSession();
    if (await opened.opened) opened.change(condition);
  }

  /** In the place of a run that is not to be had here. */
  async function playInstead(): Promise<void> {
    if (await viewing.playInstead()) bringIntoSight(lab);
  }

  function hear(message: FromRunner): void {
    if (message.type === 'run-phase') wantedRun = null;
    stage.hear(message);
    keep(message);
    if (message.type === 'draining') {
      isGoingAway = true;
      settings.say(GOING_AWAY);
    }
    if (message.type !== 'error' || message.request !== undefined) return;
    hasError = true;
    if (isBlank(stage.present())) viewing.asItCame();
    // The recording's terminals and its verdict can be seen all the same.
    if (message.code === 'not-in-image') playInstead().catch(console.error);
  }

  function hearOutput(frame: TerminalFrame): void {
    stage.output(frame);
    recorder?.output(frame);
  }

  function hearPackets(frame: PacketsFrame): void {
    stage.packets(frame);
    recorder?.packets(frame);
  }

  /** A run that is over can be seen again. */
  function keep(event: SceneEvent): void {
    if (recorder === null || !recorder.hear(event)) return;
    const tape = recorder.tape();
    if (tape === null) viewing.asItCame();
    else viewing.offer(tape, describeRun(recorder.begunAt));
  }

  function hearEnd(end: SessionEnd): void {
    session = null;
    const wasGoingAway = isGoingAway;
    isGoingAway = false;
    settings.connection('over');
    const wasRunning = stage.sessionLost(LOST);
    keep({ at: 0, type: 'session-lost', words: LOST });
    recorder = null;
    switch (end.kind) {
      case 'unreachable':
        stage.asItCame();
        viewing.asItCame();
        return sayWhyUnreachable();
      case 'lost':
        // Between two runs the runner may well end an idle session: the next Run opens one.
        if (wasRunning && !hasError && !wasGoingAway) settings.say(CONNECTION_LOST);
        return;
      case 'given-up':
        if (wasRunning) settings.say(end.why);
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
      if (why.kind === 'no-runner' && run !== null) return playInstead();
      return;
    }, console.error);
  }

  return {
    start,
    toggle: viewing.toggle,
    seek: viewing.seek,
    stop() {
      if (stage.stop()) return;
      // Nothing runs yet: to leave is all there is to do.
      leave();
      viewing.asItCame();
    },
    forgetFaults: stage.forgetFaults,
    dispose() {
      leave();
      joinBox.dispose();
      viewing.dispose();
      stage.dispose();
    },
  };
}

/** In the terminal of a program that nothing more is heard of. */
const LOST = 'connection lost';
