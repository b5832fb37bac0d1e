import { AS_SHOWN } from '../../../protocol/recording.ts';
import { describeRecording } from './describe.ts';
import { fetchRecording } from './fetch-recording.ts';
import { marksOf } from './marks.ts';
import { openPlayer, type Player } from './player.ts';
import { openPlayerBar } from './player-bar.ts';
import { type Tape, tapeOfRecording } from './tape.ts';

/** What the bar of time stands for, and what it shows of it: a recording, or the run that was just seen. */
export type Viewing = {
  /** A run begins: there is nothing to look back at. */
  wait(): void;
  /** A run is over, and can be seen again; the bar stands at its end. Who looks at it already is left alone. */
  offer(run: Tape, of: string): void;
  /** Plays the run that was just seen, or the recording of the files as they are. Pauses, where it plays. */
  toggle(): Promise<void>;
  seek(atMs: number): Promise<void>;
  /** Plays a recording in the place of a run that is not to be had here. False where there is none. */
  playInstead(): Promise<boolean>;
  /** What is seen is what is there now. */
  toPresent(): void;
  /** As the page came: the bar stands at the end of the recording that it shows. */
  asItCame(): void;
  dispose(): void;
};

export type ViewingSettings = {
  base: string;
  snippet: string;
  /** The recording of the files as they are now; null where there is none. */
  recording(): string | null;
  say(sentence: string): void;
  /** Shows a moment in place of the present; null goes back to it. */
  look(at: { tape: Tape; atMs: number; of: string } | null): void;
  /** A recording takes the place of whatever there was. */
  leave(): void;
};

type Source = { kind: 'recording'; name: string } | { kind: 'run' };
type Loaded = { tape: Tape; player: Player; source: Source };

export function openViewing(lab: HTMLElement, settings: ViewingSettings): Viewing {
  const bar = openPlayerBar(lab, {
    seek: (atMs) => void seek(atMs).catch(console.error),
    setSpeed: (times) => loaded?.player.setSpeed(times),
    toggle: () => void toggle().catch(console.error),
  });
  let loaded: Loaded | null = null;
  let loading: { name: string; done: Promise<Loaded | null> } | null = null;

  function unload(): void {
    loaded?.player.dispose();
    loaded = null;
    loading = null;
  }

  function load(tape: Tape, of: string, source: Source): Loaded {
    unload();
    const player = openPlayer(tape, (atMs, isPlaying) => {
      bar.show(atMs, isPlaying);
      // A run that was just seen is still there at its end.
      settings.look(source.kind === 'run' && atMs >= tape.endMs ? null : { tape, atMs, of });
    });
    bar.load(tape, marksOf(tape));
    player.setSpeed(bar.speed());
    loaded = { tape, player, source };
    return loaded;
  }

  /** Null where it cannot be had, or where something else began meanwhile. */
  function loadRecording(name: string): Promise<Loaded | null> {
    if (loaded?.source.kind === 'recording' && loaded.source.name === name) return Promise.resolve(loaded);
    // A slider that is dragged asks many times.
    if (loading?.name === name) return loading.done;
    unload();
    const mine = { name, done: fetchRecording(settings.base, settings.snippet, name).then(opened) };
    loading = mine;
    return mine.done;

    function opened(recording: Awaited<ReturnType<typeof fetchRecording>>): Loaded | null {
      if (loading !== mine) return null;
      loading = null;
      if (recording === null) {
        settings.say('The recording could not be fetched. Reload the page, and try again.');
        return null;
      }
      settings.leave();
      return load(tapeOfRecording(recording), describeRecording(recording), { kind: 'recording', name });
    }
  }

  async function toggle(): Promise<void> {
    if (loaded?.player.isPlaying()) return loaded.player.pause();
    if (loaded?.source.kind === 'run') return loaded.player.play();
    const name = settings.recording();
    if (name === null) {
      settings.say('There is no recording of this program. Undo the change, or take one of the experiments below.');
      return;
    }
    (await loadRecording(name))?.player.play();
  }

  async function seek(atMs: number): Promise<void> {
    // What the page came with is the recording of the files as they are shown.
    const opened = loaded ?? (await loadRecording(AS_SHOWN));
    opened?.player.seek(atMs);
  }

  return {
    wait() {
      unload();
      bar.wait();
    },
    offer(run, of) {
      if (loaded?.player.isAtEnd() === false) return;
      load(run, of, { kind: 'run' });
    },
    toggle,
    seek,
    async playInstead() {
      const name = settings.recording();
      const opened = name === null ? null : await loadRecording(name);
      if (opened === null) return false;
      // Who wants no motion gets what it comes to, and can go through it step by step.
      if (matchMedia('(prefers-reduced-motion: reduce)').matches) opened.player.seek(opened.tape.endMs);
      else opened.player.play();
      return true;
    },
    toPresent() {
      if (loaded?.source.kind === 'run') return loaded.player.seek(loaded.tape.endMs);
      if (loaded === null) return;
      unload();
      settings.look(null);
      bar.asItCame();
    },
    asItCame() {
      unload();
      bar.asItCame();
    },
    dispose() {
      unload();
      bar.dispose();
    },
  };
}
