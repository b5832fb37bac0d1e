import assert from 'node:assert/strict';
import { test } from 'node:test';
import { changedPart } from './changed-part.ts';

test('an argument that was added is the changed part', () => {
  assert.deepEqual(changedPart('socket(AF_INET, SOCK_STREAM)', 'socket(AF_INET, SOCK_STREAM, 262)'), [
    { before: 'socket(AF_INET, SOCK_STREAM', changed: '', after: ')' },
    { before: 'socket(AF_INET, SOCK_STREAM', changed: ', 262', after: ')' },
  ]);
});

test('an argument that was replaced is the changed part', () => {
  assert.deepEqual(changedPart('socket(f, t, 0)', 'socket(f, t, IPPROTO_MPTCP)'), [
    { before: 'socket(f, t, ', changed: '0', after: ')' },
    { before: 'socket(f, t, ', changed: 'IPPROTO_MPTCP', after: ')' },
  ]);
});

test('a word that changed in its middle is marked as a whole', () => {
  assert.deepEqual(
    changedPart('socket(f, t, IPPROTO_TCP);', 'socket(f, t, IPPROTO_MPTCP);').map((parts) => parts.changed),
    ['IPPROTO_TCP', 'IPPROTO_MPTCP'],
  );
});

test('start and end never overlap, also where characters repeat', () => {
  const [one, other] = changedPart('aa', 'aaa');
  assert.equal(one.before + one.changed + one.after, 'aa');
  assert.equal(other.before + other.changed + other.after, 'aaa');
});

test('equal lines have no changed part', () => {
  assert.deepEqual(
    changedPart('same', 'same').map((parts) => parts.changed),
    ['', ''],
  );
});
