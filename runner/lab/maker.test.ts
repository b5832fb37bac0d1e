import assert from 'node:assert/strict';
import { test } from 'node:test';
import { runnerSlot } from './maker.ts';

/** As the kernel numbers process namespaces, one after the other (PROC_DYNAMIC_FIRST and on). */
const NAMESPACES = Array.from({ length: 50 }, (_, index) => 0xf0000000 + 300 + index);

test('runners on one kernel have uids of their own, also where their process ids are the same', () => {
  const slots = NAMESPACES.flatMap((namespace) => Array.from({ length: 100 }, (_, pid) => runnerSlot(pid + 1, namespace)));
  assert.equal(new Set(slots).size, slots.length);
  assert.ok(slots.every((slot) => Number.isInteger(slot) && slot >= 0 && slot < 50_000));
});
