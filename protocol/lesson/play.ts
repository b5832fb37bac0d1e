import type { Condition } from '../condition.ts';
import type { Action, TerminalName } from './lesson.ts';
import { isAtPrompt, plainText } from './prompt.ts';

/** What is needed to do things in a lab as a learner would: terminals, and the switches of the network. */
export type Hands = {
  type(terminal: TerminalName, text: string): void;
  /** All that a terminal has printed so far, as it came. */
  printed(terminal: TerminalName): string;
  /** Resolves once it holds, looked at whenever something was printed. Rejects when that takes too long, or at the end. */
  until(holds: () => boolean, what: string): Promise<void>;
  change(condition: Condition): Promise<void>;
  wait(ms: number): Promise<void>;
};

const INTERRUPT = '\x03';

/** Does one thing after the other, each when the one before it is done. */
export async function play(actions: Action[], hands: Hands): Promise<void> {
  for (const action of actions) await playOne(action, hands);
}

async function playOne(action: Action, hands: Hands): Promise<void> {
  if ('change' in action) return hands.change(action.change);
  if ('waitMs' in action) return hands.wait(action.waitMs);
  const { on } = action;
  const isReady = () => isAtPrompt(hands.printed(on));
  if ('interrupt' in action) {
    const before = hands.printed(on).length;
    hands.type(on, INTERRUPT);
    return hands.until(() => hands.printed(on).length > before && isReady(), `a prompt on ${on} after Ctrl+C`);
  }
  await hands.until(isReady, `a prompt on ${on}`);
  const before = hands.printed(on).length;
  hands.type(on, `${action.type}\r`);
  const { until } = action;
  if (until === undefined) {
    return hands.until(() => hands.printed(on).slice(before).includes('\n') && isReady(), `the end of "${action.type}" on ${on}`);
  }
  // The command itself is echoed on its first line.
  const answer = () => plainText(hands.printed(on).slice(before)).split('\n').slice(1).join('\n');
  return hands.until(() => answer().includes(until), `"${until}" on ${on}`);
}
