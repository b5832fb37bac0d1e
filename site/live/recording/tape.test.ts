import assert from 'node:assert/strict';
import { globSync, readFileSync } from 'node:fs';
import { test } from 'node:test';
import { isDeepStrictEqual } from 'node:util';
import fc from 'fast-check';
import { parseRecording } from '../../../protocol/recording.ts';
import { sceneAfter } from '../run/scene.ts';
import { type Tape, tapeOfRecording } from './tape.ts';

const folder = new URL('../../../snippets/', import.meta.url).pathname;
const recordings = globSync('*/recordings/*.json', { cwd: folder }).map((name) => ({
  name,
  tape: tapeOfRecording(parseRecording(readFileSync(`${folder}${name}`, 'utf8'))),
}));

/** As a session would have told it, one event after the other. */
function straight({ events, sceneAt, startMs }: Tape, atMs: number) {
  return events.filter(({ at }) => at <= atMs).reduce(sceneAfter, sceneAt(startMs - 1));
}

test('wherever one goes in a recording, back and forth, it is as if all until then had just been told', () => {
  const anyTape = fc.constantFrom(...recordings);
  const anyWay = fc.array(fc.double({ min: 0, max: 1, noNaN: true }), { minLength: 1, maxLength: 8 });
  fc.assert(
    fc.property(anyTape, anyWay, ({ tape }, parts) => {
      for (const part of parts) {
        const atMs = tape.startMs + part * (tape.endMs - tape.startMs);
        // Two scenes that differ are long to tell.
        assert.ok(isDeepStrictEqual(tape.sceneAt(atMs), straight(tape, atMs)), `${atMs} ms`);
      }
    }),
    { numRuns: 300 },
  );
});

test('of a tape that is longer than what is kept between two looks, every moment is the same twice', () => {
  const { tape } = recordings.find(({ name }) => name === 'bulk-c/recordings/as-shown.json') ?? assert.fail('no bulk transfer');
  assert.ok(tape.events.length > 64, 'no keyframe is passed');
  const moments = Array.from({ length: 101 }, (_, percent) => (tape.endMs * percent) / 100);
  const forward = moments.map((atMs) => tape.sceneAt(atMs));
  assert.deepEqual(
    moments.toReversed().map((atMs) => tape.sceneAt(atMs)),
    forward.toReversed(),
  );
});

test('a recording begins before anything ran, and ends with both programs over and a verdict', () => {
  for (const { name, tape } of recordings) {
    assert.deepEqual(
      Object.values(tape.sceneAt(-1).programs).map((program) => program?.state.kind),
      ['asked', 'asked'],
      name,
    );
    assert.deepEqual(
      Object.values(tape.last.programs).map((program) => program?.state.kind),
      ['over', 'over'],
      name,
    );
    assert.equal(tape.last.verdict?.final, true, name);
    assert.deepEqual(tape.sceneAt(tape.endMs), tape.last, name);
  }
});
