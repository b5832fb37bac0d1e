import { after, before, describe, test } from 'node:test';
import { lessons } from '../../site/lessons/lessons.ts';
import { missing } from '../require.ts';
import { doLesson } from './do-lesson.ts';
import { startRunner, type TestRunner } from './runner.ts';

/** Each lesson as it is told: in a lab that nobody touched, by its mistakes, and by its solution. */
describe('lessons', { skip: await missing('lab') }, () => {
  let runner: TestRunner;
  before(async () => {
    runner = await startRunner({ LABS: '3', LABS_WARM: '2', SHELLS: 'on' });
  });
  after(() => runner[Symbol.asyncDispose]());

  for (const lesson of lessons) {
    test(`${lesson.id}: each step is done by its solution, and not before`, () => doLesson(runner.address, lesson));
  }
});
