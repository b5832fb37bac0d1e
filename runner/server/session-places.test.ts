import assert from 'node:assert/strict';
import { test } from 'node:test';
import { sessionPlaces } from './session-places.ts';

test('one address takes no more than its part, and all no more than there is', () => {
  const places = sessionPlaces({ total: 3, perAddress: 2 });
  const first = places.take('192.0.2.1');
  places.take('192.0.2.1');
  const third = places.take('192.0.2.1');
  assert.ok(third.kind === 'refused');
  assert.match(third.message, /SESSIONS_PER_ADDRESS/);
  assert.equal(places.take('192.0.2.2').kind, 'taken');
  const fifth = places.take('192.0.2.3');
  assert.ok(fifth.kind === 'refused');
  assert.match(fifth.message, /SESSIONS\b/);

  assert.ok(first.kind === 'taken');
  first.giveBack();
  first.giveBack();
  assert.deepEqual(places.counts(), { open: 2, total: 3 });
  assert.equal(places.take('192.0.2.3').kind, 'taken');
});

test('those who all come by the machine itself are not told apart', () => {
  const places = sessionPlaces({ total: 3, perAddress: 1 });
  assert.deepEqual(
    ['127.0.0.1', '127.0.0.1', '127.0.0.1', '127.0.0.1'].map((source) => places.take(source).kind),
    ['taken', 'taken', 'taken', 'refused'],
  );
});
