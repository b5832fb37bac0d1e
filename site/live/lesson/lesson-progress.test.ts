import assert from 'node:assert/strict';
import { test } from 'node:test';
import { keepProgress, mergeProgress, parseProgress, readProgress } from './lesson-progress.ts';

test('what is kept is read again', () => {
  const kept = new Map<string, string>();
  const storage = {
    getItem: (key: string) => kept.get(key) ?? null,
    setItem: (key: string, text: string) => void kept.set(key, text),
  };
  assert.deepEqual(readProgress(storage), {});
  assert.equal(keepProgress(storage, { backup: { 'stand-by': '2026-11-23' } }), true);
  assert.deepEqual(readProgress(storage), { backup: { 'stand-by': '2026-11-23' } });
});

test('a browser that keeps nothing is a learner who begins', () => {
  const forbid = () => {
    throw new Error('forbidden');
  };
  assert.deepEqual(readProgress({ getItem: forbid }), {});
  assert.equal(keepProgress({ setItem: forbid }, {}), false);
});

test('two browsers together know all steps, each with its first day', () => {
  assert.deepEqual(
    mergeProgress(
      { backup: { 'stand-by': '2026-11-23' }, limits: { all: '2026-11-20' } },
      { backup: { 'stand-by': '2026-11-21', 'take-over': '2026-11-24' } },
    ),
    { backup: { 'stand-by': '2026-11-21', 'take-over': '2026-11-24' }, limits: { all: '2026-11-20' } },
  );
});

test('another text is refused', () => {
  for (const text of ['', '[]', 'null', '3', '{"backup":3}', '{"backup":{"stand-by":true}}', '{"backup":{"stand-by":"soon"}}']) {
    assert.throws(() => parseProgress(text), Error, text);
  }
});
