import type { Answer } from '../check/check.ts';
import { look } from '../check/look.ts';
import type { Seen } from '../check/seen.ts';
import type { Step } from './lesson.ts';

/** What a learner is told of a step: what the lab shows instead, or what the step says to it. */
export function answerOf({ check, hints = [] }: Pick<Step, 'check' | 'hints'>, seen: Seen): Answer {
  const answer = look(check, seen);
  if (answer.state === 'done') return answer;
  const own = hints.find(({ when }) => look(when, seen).state === 'done');
  return own === undefined ? answer : { state: 'not-yet', hint: own.say };
}
