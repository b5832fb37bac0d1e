import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type KeyPress, terminalKeys } from './keys.ts';

const press = (key: string, timeStamp: number, held: Partial<KeyPress> = {}): KeyPress => {
  return { type: 'keydown', key, timeStamp, ctrlKey: false, metaKey: false, altKey: false, shiftKey: false, ...held };
};

test('Tab belongs to the program that runs, and leaves after Escape', () => {
  const keyOf = terminalKeys(() => true);
  assert.equal(keyOf(press('Tab', 0)), 'program');
  assert.equal(keyOf(press('Escape', 1000)), 'program');
  assert.equal(keyOf(press('Tab', 1500)), 'leave');
  assert.equal(keyOf(press('Tab', 1600)), 'program');
});

test('Shift with Tab leaves backwards after Escape', () => {
  const keyOf = terminalKeys(() => true);
  keyOf(press('Escape', 0));
  keyOf(press('Shift', 100, { shiftKey: true }));
  assert.equal(keyOf(press('Tab', 200, { shiftKey: true })), 'leave');
});

test('an Escape of long ago, or another key after it, keeps Tab with the program', () => {
  const keyOf = terminalKeys(() => true);
  keyOf(press('Escape', 0));
  assert.equal(keyOf(press('Tab', 2000)), 'program');
  keyOf(press('Escape', 3000));
  keyOf(press('x', 3100));
  assert.equal(keyOf(press('Tab', 3200)), 'program');
});

test('without a program Tab leaves at once', () => {
  assert.equal(terminalKeys(() => false)(press('Tab', 0)), 'leave');
});

test('Ctrl+Shift+C copies and Ctrl+F finds, while Ctrl+C stays the interrupt of the program', () => {
  const keyOf = terminalKeys(() => true);
  assert.equal(keyOf(press('C', 0, { ctrlKey: true, shiftKey: true })), 'copy');
  assert.equal(keyOf(press('f', 0, { ctrlKey: true })), 'find');
  assert.equal(keyOf(press('c', 0, { ctrlKey: true })), 'program');
});
