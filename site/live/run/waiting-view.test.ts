import assert from 'node:assert/strict';
import { test } from 'node:test';
import { waitingWords } from './waiting-view.ts';

test('while the image is made, the phase and how far it is are told', () => {
  assert.deepEqual(
    waitingWords({ type: 'waiting', for: 'image', image: { state: 'building', phase: 'installing packages', percent: 41.6 } }),
    { text: 'Run waits. The image that programs run in is being made: installing packages, 42 %.', percent: 41.6 },
  );
});

test('the place in the queue is told as a person counts it', () => {
  assert.equal(waitingWords({ type: 'waiting', for: 'lab', position: 1 }).text, 'Run waits for a free lab. Yours is next.');
  assert.equal(waitingWords({ type: 'waiting', for: 'lab', position: 4 }).text, 'Run waits for a free lab. 3 before you.');
});
