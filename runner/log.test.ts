import assert from 'node:assert/strict';
import { test } from 'node:test';
import { forTerminal } from './log.ts';

test('a terminal gets one line of words', () => {
  const line = '{"level":"warn","time":"2026-01-01T12:00:01.000Z","lab":"1f2e3d4c","run":2,"msg":"the lab’s run ended"}';
  assert.equal(forTerminal(line), '12:00:01 warn  the lab’s run ended  lab=1f2e3d4c  run=2');
});

test('nothing in a line is obeyed by a terminal', () => {
  const hostile = '\u001b]52;c;aaaa\u0007\u009b2J\r\n\u202e';
  const line = forTerminal(JSON.stringify({ level: 'warn', time: '', host: hostile, [hostile]: 1, msg: hostile }));
  assert.match(line, /^[\x20-\x7e]*$/);
});
