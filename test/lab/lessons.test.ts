import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import type { Answer } from '../../protocol/check/check.ts';
import { look } from '../../protocol/check/look.ts';
import { sinceNow } from '../../protocol/check/seen.ts';
import { answerOf } from '../../protocol/lesson/answer.ts';
import { play } from '../../protocol/lesson/play.ts';
import { lessons } from '../../site/lessons/lessons.ts';
import { missing } from '../require.ts';
import { openLessonLab } from './lesson-lab.ts';
import { eventually, startRunner, type TestRunner } from './runner.ts';

/** Each lesson as it is told: in a lab that nobody touched, by its mistakes, and by its solution. */
describe('lessons', { skip: await missing('lab') }, () => {
  let runner: TestRunner;
  before(async () => {
    runner = await startRunner({ LABS: '3', LABS_WARM: '2', SHELLS: 'on' });
  });
  after(() => runner[Symbol.asyncDispose]());

  for (const lesson of lessons) {
    test(`${lesson.id}: each step is done by its solution, and not before`, async () => {
      await using lab = await openLessonLab(runner.address, lesson);
      await play(lesson.setup ?? [], lab.hands);
      await eventually('the lab has told its conditions', () => lab.seen().conditions !== null);
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
          await eventually(`${step.id}, ${title}: "${hint}"`, () => told().includes(hint)).catch((cause: Error) => {
            throw new Error(`${cause.message}; the hint is "${told()}"`);
          });
          assert.equal(isDone(), false, `${step.id}: the mistake "${title}" passes`);
        }
        await play(step.solution, lab.hands);
        await eventually(`${step.id} is done`, isDone).catch((cause: Error) => {
          throw new Error(`${cause.message}; ${JSON.stringify(answer())}`);
        });
      }
    });
  }
});
