import assert from 'node:assert/strict';
import { test } from 'node:test';
import { figureOf } from './figure.ts';
import { compare, isMet, type Row } from './row.ts';
import { toTable } from './table.ts';

const row = (settings: Partial<Row>): Row => ({
  what: 'hello',
  unit: 'ms',
  measured: figureOf([30]),
  baseline: { what: 'bare', figure: figureOf([20]) },
  target: null,
  ...settings,
});

test('a target over the baseline is met up to its last millisecond', () => {
  assert.deepEqual(compare(row({})), { difference: 10, ratio: 1.5 });
  assert.equal(isMet(row({ target: { kind: 'at-most-over-baseline', value: 10 } })), true);
  assert.equal(isMet(row({ target: { kind: 'at-most-over-baseline', value: 9.9 } })), false);
});

test('a target of its own does not look at the baseline', () => {
  assert.equal(isMet(row({ target: { kind: 'less-than', value: 30 } })), false);
  assert.equal(isMet(row({ target: { kind: 'less-than', value: 31 }, baseline: null })), true);
  assert.equal(isMet(row({ target: { kind: 'at-least', value: 30 } })), true);
  assert.equal(isMet(row({ target: { kind: 'at-least', value: 31 } })), false);
  assert.equal(isMet(row({})), null);
});

test('a target may speak of the slowest in a hundred too', () => {
  const measured = { p50: 30, p99: 90, rounds: 100 };
  assert.equal(isMet(row({ measured, target: { kind: 'less-than', value: 31, p99: 91 } })), true);
  assert.equal(isMet(row({ measured, target: { kind: 'less-than', value: 31, p99: 90 } })), false);
});

test('a target in times of the baseline', () => {
  assert.equal(isMet(row({ target: { kind: 'at-most-times-baseline', value: 1.5 } })), true);
  assert.equal(isMet(row({ target: { kind: 'at-most-times-baseline', value: 1.4 } })), false);
  assert.equal(isMet(row({ target: { kind: 'at-least-times-baseline', value: 1.5 } })), true);
  assert.equal(isMet(row({ target: { kind: 'at-least-times-baseline', value: 1.6 } })), false);
  assert.equal(isMet(row({ baseline: null, target: { kind: 'at-most-times-baseline', value: 9 } })), false);
});

test('the table says what was measured, beside what, and whether that is enough', () => {
  const table = toTable([row({ target: { kind: 'at-most-over-baseline', value: 5 } }), row({ what: 'alone', baseline: null })]);
  const [headings = '', , first = '', second = ''] = table.split('\n');
  assert.match(headings, /^what +p50 +p99 +baseline +p50 +p99 +difference +ratio +target$/);
  assert.match(first, /^hello +30\.0 ms +bare +20\.0 ms +\+10\.0 ms +1\.50 × +≤ \+5 ms +not$/);
  assert.match(second, /^alone +30\.0 ms$/);
});
