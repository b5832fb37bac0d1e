import assert from 'node:assert/strict';
import { test } from 'node:test';
import { compareCounters, counterMeaning } from './counter-meaning.ts';

test('counters come in the order of a handshake, unknown ones last', () => {
  const names = ['ZNew', 'MPCapableACKRX', 'ANew', 'MPJoinSynTx', 'MPCapableSYNACKRX', 'MPCapableSYNRX', 'MPCapableSYNTX'];
  assert.deepEqual(names.sort(compareCounters), [
    'MPCapableSYNTX',
    'MPCapableSYNRX',
    'MPCapableSYNACKRX',
    'MPCapableACKRX',
    'MPJoinSynTx',
    'ANew',
    'ZNew',
  ]);
  assert.equal(counterMeaning('ZNew'), '');
});
