import { type Answer, isAboutNow } from '../../../protocol/check/check.ts';
import { look } from '../../../protocol/check/look.ts';
import { NOTHING_SEEN, type Seen, see, sinceNow } from '../../../protocol/check/seen.ts';
import { answerOf } from '../../../protocol/lesson/answer.ts';
import type { Step } from '../../../protocol/lesson/lesson.ts';
import type { FromRunner } from '../../../protocol/message.ts';

/** How far a learner is in a lesson: a pure function of what happened in the lab. */
export type Course = {
  seen: Seen;
  /** Index of the first step that is not done; as many as there are steps at the end. */
  at: number;
};

export type StepState =
  | { state: 'later' }
  | { state: 'now'; hint: string }
  | { state: 'done' }
  | { state: 'undone'; hint: string };

export const COURSE_BEGINS: Course = { seen: NOTHING_SEEN, at: 0 };

/** One event later. Several steps may be done by one, but none whose lab is still to be set up. */
export function follow(course: Course, steps: Step[], event: FromRunner): Course {
  let { seen, at } = { ...course, seen: see(course.seen, event) };
  for (let step = steps[at]; step !== undefined && look(step.check, seen).state === 'done'; step = steps[at]) {
    seen = sinceNow(seen);
    at++;
    if (steps[at]?.setup !== undefined) break;
  }
  return { seen, at };
}

/** From now on all is as it was before anybody did something. */
export function beginAgain({ seen, at }: Course): Course {
  return { seen: sinceNow(seen), at };
}

export function stateOf(step: Step, index: number, { seen, at }: Course): StepState {
  if (index > at) return { state: 'later' };
  const answer: Answer = answerOf(step, seen);
  if (index === at) return { state: 'now', hint: answer.state === 'done' ? '' : answer.hint };
  if (!isAboutNow(step.check) || answer.state === 'done') return { state: 'done' };
  return { state: 'undone', hint: answer.hint };
}
