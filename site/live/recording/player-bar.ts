import { element } from '../element.ts';
import { part } from '../part.ts';
import { type Mark, momentWords, nextMark } from './marks.ts';
import { speedFor } from './speed.ts';

/** The bar of play, time and speed, in its server-rendered place. */
export type PlayerBar = {
  /** What can be played from now on; it stands at its end. */
  load(span: Span, marks: Mark[]): void;
  show(atMs: number, isPlaying: boolean): void;
  /** Something runs now: there is nothing to go back to yet. */
  wait(): void;
  /** As the page came: at the end of the recording that it shows. */
  asItCame(): void;
  speed(): number;
  dispose(): void;
};

export type Span = { startMs: number; endMs: number };

export type PlayerWishes = { seek(atMs: number): void; setSpeed(times: number): void; toggle(): void };

/** An arrow key goes so far, or to the next mark if that is nearer. */
const STEP = 1 / 50;

export function openPlayerBar(lab: HTMLElement, wishes: PlayerWishes): PlayerBar {
  const bar = part(lab, '.lab-player', HTMLElement);
  const living = new AbortController();
  const { signal } = living;
  const play = part(bar, '.player-play', HTMLButtonElement);
  const time = part(bar, '.player-time', HTMLInputElement);
  const speed = part(bar, '.player-speed', HTMLSelectElement);
  const moment = part(bar, '.player-moment', HTMLElement);
  const markRow = part(bar, '.player-marks', HTMLElement);
  const original = {
    marks: [...markRow.childNodes],
    span: { startMs: Number(time.min), endMs: Number(time.max) },
    words: moment.textContent,
    speed: speedFor(Number(time.max) - Number(time.min)),
  };
  let { span } = original;
  /** What the visitor chose holds for all that is played. */
  let chosen = Number(speed.value) === original.speed ? null : Number(speed.value);
  let marks: Mark[] = [];

  const setDisabled = (isDisabled: boolean) => {
    for (const control of [play, time, speed]) control.disabled = isDisabled;
  };
  /** As it was given: an input keeps fewer digits of it. */
  let placedAtMs = span.endMs;
  const place = (atMs: number, words: string) => {
    placedAtMs = atMs;
    time.value = String(atMs);
    time.style.setProperty('--at', String(partOf(atMs, span)));
    time.setAttribute('aria-valuetext', words);
    moment.textContent = words;
    // It may be cut off.
    moment.title = words;
  };
  const setSpan = (next: Span) => {
    span = next;
    time.min = String(span.startMs);
    time.max = String(span.endMs);
  };
  let state: string | undefined;
  const setState = (next: 'playing' | 'paused' | 'ended' | undefined) => {
    if (next === state) return;
    state = next;
    // On the lab: what moves on its map stands still with the time.
    if (next === undefined) delete lab.dataset['time'];
    else lab.dataset['time'] = next;
    play.textContent = next === 'playing' ? 'Pause' : 'Play';
  };

  const show = (atMs: number, isPlaying: boolean) => {
    setState(isPlaying ? 'playing' : atMs >= span.endMs ? 'ended' : 'paused');
    place(atMs, momentWords(marks, span, atMs));
  };

  time.addEventListener(
    'keydown',
    (event) => {
      if (event.ctrlKey || event.metaKey || event.altKey) return;
      if (event.key === ' ') {
        event.preventDefault();
        return wishes.toggle();
      }
      const next = momentAfterKey(event.key, placedAtMs, span, marks);
      if (next === null) return;
      event.preventDefault();
      // At once, so that a held key goes on from here.
      placedAtMs = next;
      wishes.seek(next);
    },
    { signal },
  );
  speed.addEventListener(
    'change',
    () => {
      chosen = Number(speed.value);
      wishes.setSpeed(chosen);
    },
    { signal },
  );

  const asItCame = () => {
    setState(undefined);
    setSpan(original.span);
    markRow.replaceChildren(...original.marks);
    speed.value = String(chosen ?? original.speed);
    place(span.endMs, original.words);
    setDisabled(false);
  };

  return {
    load(next, its) {
      setSpan(next);
      marks = its;
      markRow.replaceChildren(...marks.map((mark) => markElement(mark, span)));
      speed.value = String(chosen ?? speedFor(span.endMs - span.startMs));
      setDisabled(false);
      show(span.endMs, false);
    },
    show,
    wait() {
      setState(undefined);
      markRow.replaceChildren();
      place(span.endMs, 'When the run is over, any moment of it can be seen again.');
      setDisabled(true);
    },
    asItCame,
    speed: () => Number(speed.value),
    dispose() {
      asItCame();
      living.abort();
    },
  };
}

function markElement({ atMs, kind, link }: Mark, span: Span): HTMLElement {
  const mark = element('span', `player-mark player-mark-${kind}${link === null ? '' : ` link-${link}`}`);
  mark.style.setProperty('--at', String(partOf(atMs, span)));
  return mark;
}

function partOf(atMs: number, { startMs, endMs }: Span): number {
  return endMs === startMs ? 1 : (atMs - startMs) / (endMs - startMs);
}

/** Null for a key of no meaning. */
function momentAfterKey(key: string, atMs: number, span: Span, marks: Mark[]): number | null {
  const stepMs = (span.endMs - span.startMs) * STEP;
  switch (key) {
    case 'ArrowRight':
    case 'ArrowUp':
      return Math.min(atMs + stepMs, nextMark(marks, span, atMs, 1));
    case 'ArrowLeft':
    case 'ArrowDown':
      return Math.max(atMs - stepMs, nextMark(marks, span, atMs, -1));
    case 'PageUp':
      return nextMark(marks, span, atMs, 1);
    case 'PageDown':
      return nextMark(marks, span, atMs, -1);
    case 'Home':
      return span.startMs;
    case 'End':
      return span.endMs;
    default:
      return null;
  }
}
