import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { RunnerEvent } from '../../../protocol/message.ts';
import { missingWords } from './missing-words.ts';

const CAPTURE: Extract<RunnerEvent, { type: 'capture' }> = {
  type: 'capture',
  run: 2,
  interfaces: [],
  limits: { control: 3000, data: 400 },
  limitReached: false,
  failed: false,
  lost: { byKernel: 0, byRecording: 0 },
};
const none = { control: 0, data: 0 };

test('nothing is said where nothing is missing', () => {
  assert.equal(missingWords(null, [], none), '');
  assert.equal(missingWords(CAPTURE, Array(200).fill({ control: false }), none), '');
});

test('each loss is named with its number and its cause', () => {
  const words = (more: object, dropped = none) => missingWords({ ...CAPTURE, ...more }, [], dropped);
  assert.match(words({ lost: { byKernel: 12, byRecording: 0 } }), /^The kernel dropped 12 packets .* gaps\.$/);
  assert.match(words({ lost: { byKernel: 1, byRecording: 0 } }), /dropped one packet /);
  assert.match(
    words({ lost: { byKernel: 0, byRecording: 371 } }),
    /^A recording has little room: 371 packets of this run found none\.$/,
  );
  assert.match(words({ failed: true }), /ended by a fault/);
  assert.match(words({ limitReached: true }), /ended at 3000 packets/);
  assert.match(words({}, { control: 0, data: 5 }), /5 more packets came than this list can show/);
  assert.match(words({}, { control: 0, data: 201 }), /at most the first 400 packets/);
});
