import assert from 'node:assert/strict';
import { test } from 'node:test';
import { alternate, figureOf } from './figure.ts';

test('the median lies between the two samples in the middle, whatever their order', () => {
  assert.deepEqual(figureOf([9, 1, 4, 2]), { p50: 3, p99: null, rounds: 4 });
  assert.equal(figureOf([5, 100, 1]).p50, 5);
});

test('one in a hundred is told where there are rounds enough, and is never lower than a sample that it stands for', () => {
  const samples = Array.from({ length: 40 }, (_, index) => index + 1);
  assert.deepEqual(figureOf(samples), { p50: 20.5, p99: 40, rounds: 40 });
});

test('no samples give no figure', () => {
  assert.throws(() => figureOf([]), /at least one sample/);
});

test('measurements take turns', async () => {
  const order: string[] = [];
  const take = (name: string) => async () => order.push(name);
  const samples = await alternate(3, { wait: async () => {} }, { a: take('a'), b: take('b') });
  assert.equal(order.join(''), 'ababab');
  assert.deepEqual(samples, { a: [1, 3, 5], b: [2, 4, 6] });
});
