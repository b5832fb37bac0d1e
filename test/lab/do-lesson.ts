import assert from 'node:assert/strict';
import type { Answer } from '../../protocol/check/check.ts';
import { look } from '../../protocol/check/look.ts';
import { type Seen, sinceNow } from '../../protocol/check/seen.ts';
import { answerOf } from '../../protocol/lesson/answer.ts';
import type { Lesson } from '../../protocol/lesson/lesson.ts';
import { play } from '../../protocol/lesson/play.ts';
import { openLessonLab } from './lesson-lab.ts';
import { eventually } from './runner.ts';

/** `patienceMs`: how long to wait for anything. `passed`: is told what was seen when a step's solution passed. */
export type DoLesson = { patienceMs?: number; passed?: (step: string, seen: Seen) => void };

/**
 * Does a lesson as it is told. Fails where a step is done before anybody did something, where one of its mistakes passes or
 * gets another hint, and where its solution does not pass.
 */
export async function doLesson(address: string, lesson: Lesson, { patienceMs, passed = () => {} }: DoLesson = {}): Promise<void> {
  await using lab = await openLessonLab(address, lesson, patienceMs);
  await play(lesson.setup ?? [], lab.hands);
  await eventually('the lab has told its conditions', () => lab.seen().conditions !== null, patienceMs);
  for (const step of lesson.steps) {
    await play(step.setup ?? [], lab.hands);
    lab.begin(sinceNow);
    const answer = (): Answer => answerOf(step, lab.seen());
    const isDone = () => look(step.check, lab.seen()).state === 'done';
    assert.equal(isDone(), false, `${step.id}: it is done before anybody did something`);
    for (const { title, actions, hint } of step.mistakes) {
      await play(actions, lab.hands);
      const told = () => {
        const now = answer();
        return now.state === 'not-yet' ? now.hint : 'done';
      };
      await eventually(`${step.id}, ${title}: "${hint}"`, () => told().includes(hint), patienceMs).catch((cause: Error) => {
        throw new Error(`${cause.message}; the hint is "${told()}"`);
      });
      assert.equal(isDone(), false, `${step.id}: the mistake "${title}" passes`);
    }
    await play(step.solution, lab.hands);
    await eventually(`${step.id} is done`, isDone, patienceMs).catch((cause: Error) => {
      throw new Error(`${cause.message}; ${JSON.stringify(answer())}`);
    });
    passed(step.id, lab.seen());
  }
}
