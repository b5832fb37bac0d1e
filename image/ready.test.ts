import assert from 'node:assert/strict';
import { test } from 'node:test';
import { describeReady } from './ready.ts';

test('an image that is ready is told with its size, and with the time that this builder took', () => {
  const whole = describeReady('/images/1', 4.23e9, { whole: true, ms: 210_600 });
  assert.equal(whole, 'The image is ready: 4.2 GB, made in 3 min 31 s: /images/1');
  assert.equal(describeReady('/images/1', 312.4e6, null), 'The image is ready: 312 MB: /images/1');
});

test('what took a minute less a moment is a minute, and only what was missing is not the whole image', () => {
  const rest = { whole: false, ms: 59_700 };
  assert.equal(describeReady('/x', 999.6e6, rest), 'The image is ready: 1.0 GB, what was missing made in 1 min 0 s: /x');
  assert.match(describeReady('/x', 1e9, { whole: false, ms: 59_400 }), / in 59 s: /);
});
