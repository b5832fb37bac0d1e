import { look } from '../protocol/check/look.ts';
import { NOTHING_SEEN, type Seen, see, sinceNow } from '../protocol/check/seen.ts';
import { decodeFrame, encodeFrame } from '../protocol/frame.ts';
import { hostOf, type Lesson, type TerminalName } from '../protocol/lesson/lesson.ts';
import { type Hands, play } from '../protocol/lesson/play.ts';
import { isAtPrompt, plainText } from '../protocol/lesson/prompt.ts';
import { contentOfLesson, type RecordedLesson, type RecordedTerminal } from '../protocol/lesson/recorded-lesson.ts';
import type { FromPage, FromRunner } from '../protocol/message.ts';
import { openSession, type SessionWorld } from '../runner/session/session.ts';

/** As wide as a terminal of a lesson on a desktop. */
const SIZE = { columns: 100, rows: 30 };
const TIMEOUT_MS = 60_000;
const LAST_WORD_MS = 2_000;
/** Of a terminal that printed more, the lines in the middle are left out, and it says so. */
const MOST_LINES = { first: 24, last: 16 };

/** Does a lesson in a lab, step by step. @throws Error when its check does not find a step done */
export async function recordLesson(world: SessionWorld, lesson: Lesson): Promise<RecordedLesson> {
  const learner = openLearner(world);
  const runs = new Map<TerminalName, number>(lesson.terminals.map((name, index) => [name, index + 1]));
  const runOf = (name: TerminalName): number => runs.get(name) ?? 0;
  for (const [name, run] of runs) {
    learner.say({ type: 'shell', run, host: hostOf(name), snippets: lesson.snippets ?? [], ...SIZE });
    await learner.until(() => learner.events.some((event) => event.type === 'shell-started' && event.run === run), 'its shells');
  }
  let requests = 0;
  const hands: Hands = {
    type: (name, text) => learner.type(runOf(name), text),
    printed: (name) => learner.printed(runOf(name)),
    until: learner.until,
    async change(condition) {
      const request = ++requests;
      learner.say({ type: 'condition', request, condition });
      await learner.until(() => learner.events.some((event) => 'request' in event && event.request === request), 'the network');
    },
    wait: (ms) => new Promise((resolve) => setTimeout(resolve, ms)),
  };
  const steps: RecordedLesson['steps'] = [];
  try {
    await play(lesson.setup ?? [], hands);
    for (const step of lesson.steps) {
      await play(step.setup ?? [], hands);
      const before = new Map(lesson.terminals.map((name) => [name, hands.printed(name).length]));
      const from = learner.events.length;
      learner.begin();
      await play(step.solution, hands);
      await learner.until(() => look(step.check, learner.seen()).state === 'done', `step ${step.id} of ${lesson.id}`);
      // What a step left running ends before it is put down.
      for (const action of step.solution.filter((one) => 'type' in one && one.until === '')) {
        if ('on' in action) await learner.until(() => isAtPrompt(hands.printed(action.on)), `the end of ${action.on}`);
      }
      await learner.settled();
      steps.push({
        id: step.id,
        terminals: lesson.terminals.flatMap((name) => terminalOf(name, hands.printed(name), before.get(name) ?? 0)),
        verdicts: verdictsOf(learner.events.slice(from)),
      });
    }
  } finally {
    await learner.close();
  }
  const welcome = learner.events.find((event) => event.type === 'welcome');
  return {
    of: contentOfLesson(lesson, world.snippets),
    recordedOn: new Date().toISOString().slice(0, 10),
    // Without a distribution's or a machine's own ending.
    kernel: (welcome?.type === 'welcome' ? welcome.kernel : '').replace(/-.*/, ''),
    steps,
  };
}

/** The last word on each connection; where one link is down its last word is long in coming, and the latest one stands. */
function verdictsOf(events: FromRunner[]): RecordedLesson['steps'][number]['verdicts'] {
  const told = events.filter((event) => event.type === 'verdict');
  const last = told.filter(({ final }) => final);
  return (last.length > 0 ? last : told.slice(-1)).map(({ verdict: { headline, explanation } }) => ({ headline, explanation }));
}

/** A page without a browser. */
function openLearner(world: SessionWorld) {
  const events: FromRunner[] = [];
  const printed = new Map<number, Buffer[]>();
  const takenInBytes = new Map<number, number>();
  const watchers = new Set<() => void>();
  let seen: Seen = NOTHING_SEEN;
  const heard = () => {
    for (const watcher of [...watchers]) watcher();
  };
  const session = openSession(world, {
    resume: null,
    isThere: () => true,
    sendEvent(event) {
      events.push(event);
      seen = see(seen, event);
      heard();
    },
    sendFrame(encoded) {
      const frame = decodeFrame(encoded);
      if (frame === null || frame.kind === 'packets') return;
      const { run } = frame;
      printed.set(run, [...(printed.get(run) ?? []), Buffer.from(frame.bytes)]);
      const bytes = (takenInBytes.get(run) ?? 0) + frame.bytes.length;
      takenInBytes.set(run, bytes);
      // After this turn: the runner counts what it sent before it takes the receipt.
      setImmediate(() => say({ type: 'acknowledge', run, bytes }));
      heard();
    },
  });
  const say = (message: FromPage) => session.receiveText(JSON.stringify(message));

  return {
    events,
    say,
    type: (run: number, text: string) =>
      session.receiveFrame(encodeFrame({ kind: 'input', run, at: 0, bytes: new TextEncoder().encode(text) })),
    printed: (run: number) => Buffer.concat(printed.get(run) ?? []).toString(),
    seen: () => seen,
    begin() {
      seen = sinceNow(seen);
    },
    until(holds: () => boolean, what: string): Promise<void> {
      const { promise, resolve, reject } = Promise.withResolvers<void>();
      const timer = setTimeout(() => reject(new Error(`Waited in vain for ${what}`)), TIMEOUT_MS);
      const watcher = () => holds() && resolve();
      watchers.add(watcher);
      watcher();
      return promise.finally(() => {
        clearTimeout(timer);
        watchers.delete(watcher);
      });
    },
    /** Resolves once each connection has its last word; one that stays open has none. */
    async settled(): Promise<void> {
      const until = performance.now() + LAST_WORD_MS;
      while (performance.now() < until && seen.attempts.some(({ isOver }) => !isOver)) {
        await new Promise((resolve) => setTimeout(resolve, 50));
      }
    },
    close: () => session.close('session-closed'),
  };
}

/** From the beginning of the line in which the step began: its prompt is printed before. */
function terminalOf(name: TerminalName, printed: string, from: number): RecordedTerminal[] {
  if (printed.length === from) return [];
  const lines = plainText(printed.slice(printed.lastIndexOf('\n', from - 1) + 1)).split('\n');
  // The prompt after the last command.
  if (/^\S+# $/.test(lines.at(-1) ?? '')) lines.pop();
  const { first, last } = MOST_LINES;
  const left = lines.length - first - last;
  const shown = left > 1 ? [...lines.slice(0, first), `… ${left} more lines …`, ...lines.slice(-last)] : lines;
  return [{ name, text: shown.map((line) => line.trimEnd()).join('\n') }];
}
