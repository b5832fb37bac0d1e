import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
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
});

/** The names in the line of a group in a file of /proc/net, without those that are settings and never move. */
function namesIn(file: string, group: string): string[] {
  const text = readFileSync(file, 'utf8');
  const [, ...names] = (text.split('\n').find((line) => line.startsWith(`${group}: `)) ?? '').split(' ');
  return names.filter((name) => !['RtoAlgorithm', 'RtoMin', 'RtoMax', 'MaxConn'].includes(name));
}

test('every counter of kernel 6.18 is explained', () => {
  const names = [
    ...namesIn('runner/evidence/fixtures/netstat-6.18.44.txt', 'MPTcpExt'),
    ...namesIn('runner/evidence/fixtures/snmp-6.18.44.txt', 'Tcp'),
  ];
  assert.equal(names.length, 76 + 11);
  assert.deepEqual(
    names.filter((name) => counterMeaning(name) === counterMeaning('ZNew')),
    [],
  );
});

test('a counter of a newer kernel is named as one that is not explained here', () => {
  assert.match(counterMeaning('ZNew'), /not explained here/);
});
