import { countUntil, type OutputReel } from '../recording/reel.ts';
import type { TerminalPane } from './terminal-pane.ts';

/** Brings a terminal to what it showed at a moment: forward by writing on, backward by writing all again, in one step. */
export type Replay = {
  /** `note` is the last line, of a program that was over by then. */
  show(output: OutputReel, atMs: number, note: string | null): void;
  /** The terminal shows something else now. */
  forget(): void;
};

type Shown = { output: OutputReel; count: number; note: string | null };

export function openReplay(pane: Pick<TerminalPane, 'write' | 'replace' | 'note'>): Replay {
  let shown: Shown | null = null;
  let wanted: Shown | null = null;
  let isWriting = false;

  /** Of what is wanted while the terminal takes something in, the last counts: nothing piles up before it. */
  const goOn = () => {
    if (isWriting || wanted === null || (shown !== null && isSame(shown, wanted))) return;
    const next = wanted;
    const from = shown !== null && leadsTo(shown, next) ? shown.count : null;
    isWriting = true;
    shown = next;
    const taken = () => {
      if (next.note === null) return done();
      pane.note(next.note, done);
    };
    const bytes = joined(next.output.pieces.slice(from ?? 0, next.count).map((piece) => piece.bytes));
    if (from !== null) pane.write(bytes, taken);
    else pane.replace(next.output.isCut ? joined([CUT, bytes]) : bytes, taken);
  };
  const done = () => {
    isWriting = false;
    goOn();
  };

  return {
    show(output, atMs, note) {
      wanted = { output, count: countUntil(output.pieces, atMs), note };
      goOn();
    },
    forget() {
      shown = null;
      wanted = null;
    },
  };
}

const CUT = new TextEncoder().encode('\x1b[90mWhat was printed before this is not kept.\x1b[0m\r\n');

function isSame(one: Shown, other: Shown): boolean {
  return one.output === other.output && one.count === other.count && one.note === other.note;
}

/** A note is a last line: nothing goes on after it. */
function leadsTo(one: Shown, other: Shown): boolean {
  return one.output === other.output && one.count <= other.count && one.note === null;
}

function joined(parts: Uint8Array[]): Uint8Array {
  const whole = new Uint8Array(parts.reduce((sum, { length }) => sum + length, 0));
  let at = 0;
  for (const part of parts) {
    whole.set(part, at);
    at += part.length;
  }
  return whole;
}
