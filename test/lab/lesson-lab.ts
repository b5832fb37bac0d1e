import { NOTHING_SEEN, type Seen, see } from '../../protocol/check/seen.ts';
import { hostOf, type Lesson, type TerminalName } from '../../protocol/lesson/lesson.ts';
import type { Hands } from '../../protocol/lesson/play.ts';
import { visit } from './visitor.ts';

/** A learner without a browser: the terminals of a lesson, and what was seen of its lab. */
export type LessonLab = AsyncDisposable & {
  hands: Hands;
  /** Since the last `begin`. */
  seen(): Seen;
  begin(next: (seen: Seen) => Seen): void;
};

export async function openLessonLab(
  address: string,
  { terminals, snippets = [] }: Lesson,
  patienceMs?: number,
): Promise<LessonLab> {
  const visitor = await visit(address, patienceMs === undefined ? {} : { patienceMs });
  const runs = new Map<TerminalName, number>();
  for (const terminal of terminals) {
    const run = runs.size + 1;
    runs.set(terminal, run);
    visitor.say({ type: 'shell', run, host: hostOf(terminal), snippets, columns: 120, rows: 24 });
    await visitor.until('shell-started', (event) => event.run === run);
  }
  const runOf = (terminal: TerminalName): number => {
    const run = runs.get(terminal);
    if (run === undefined) throw new Error(`Expected one of the terminals ${[...runs.keys()].join(', ')}, found "${terminal}"`);
    return run;
  };

  let seen: Seen = NOTHING_SEEN;
  let heard = 0;
  const catchUp = () => {
    for (const event of visitor.events.slice(heard)) seen = see(seen, event);
    heard = visitor.events.length;
  };
  let lastRequest = 0;

  return {
    hands: {
      type: (terminal, text) => visitor.type(runOf(terminal), text),
      printed: (terminal) => visitor.output(runOf(terminal)),
      until: (holds, what) => visitor.untilHolds(holds, what),
      async change(condition) {
        const request = ++lastRequest;
        visitor.say({ type: 'condition', request, condition });
        await visitor.until('conditions', (event) => event.request === request);
      },
      wait: (ms) => new Promise((resolve) => setTimeout(resolve, ms)),
    },
    seen() {
      catchUp();
      return seen;
    },
    begin(next) {
      catchUp();
      seen = next(seen);
    },
    [Symbol.asyncDispose]: () => visitor[Symbol.asyncDispose](),
  };
}
