import assert from 'node:assert/strict';
import { test } from 'node:test';
import { NOTHING_COUNTED, tellCounters } from './tell-counters.ts';

const counters = (tcp: Record<string, number>, mptcp: Record<string, number> = {}) => ({
  client: { tcp, mptcp },
  server: { tcp: {}, mptcp: {} },
});

test('segments that are sent again soon after each other are one line, later ones another', () => {
  const first = tellCounters(NOTHING_COUNTED, counters({ RetransSegs: 1 }), 1_000);
  assert.deepEqual(first.lines, [{ counter: 'RetransSegs', atMs: 1_000, text: 'One segment is sent again' }]);
  const soon = tellCounters(first.counted, counters({ RetransSegs: 5 }), 1_100);
  assert.deepEqual(soon.lines, [{ counter: 'RetransSegs', atMs: 1_000, text: '5 segments are sent again' }]);
  const later = tellCounters(soon.counted, counters({ RetransSegs: 7 }), 9_000);
  assert.deepEqual(later.lines, [{ counter: 'RetransSegs', atMs: 9_000, text: '2 segments are sent again' }]);
  assert.deepEqual(tellCounters(later.counted, counters({ RetransSegs: 7 }), 9_100).lines, []);
});

test('a fallback is told with its reason, and what other subflows send again beside it', () => {
  const { lines } = tellCounters(NOTHING_COUNTED, counters({}, { MPTCPRetrans: 3, MPCapableDataFallback: 1 }), 50);
  assert.deepEqual(
    lines.map(({ text }) => text),
    [
      '3 segments are sent again over another subflow',
      'Fallback: the connection goes on as plain TCP, since the first data had no option',
    ],
  );
});
