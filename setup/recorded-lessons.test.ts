import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { contentOfLesson, parseRecordedLesson } from '../protocol/lesson/recorded-lesson.ts';
import { readSnippets } from '../protocol/read-snippets.ts';
import { lessons } from '../site/lessons/lessons.ts';
import { top } from './site-build.ts';

const FOLDER = 'site/lessons/recordings';
const snippets = readSnippets(join(top, 'snippets'));

for (const lesson of lessons) {
  test(`${FOLDER}/${lesson.id}.json is of what the lesson does, step by step`, () => {
    const recorded = parseRecordedLesson(readFileSync(join(top, FOLDER, `${lesson.id}.json`), 'utf8'));
    assert.equal(recorded.of, contentOfLesson(lesson, snippets), `It changed since: npm run record -- lessons ${lesson.id}`);
    assert.deepEqual(
      recorded.steps.map(({ id }) => id),
      lesson.steps.map(({ id }) => id),
    );
  });
}

test(`${FOLDER} holds recordings of lessons only`, () => {
  assert.deepEqual(readdirSync(join(top, FOLDER)).sort(), lessons.map(({ id }) => `${id}.json`).sort());
});
