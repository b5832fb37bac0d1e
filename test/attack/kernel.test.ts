import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { startRunner } from '../lab/runner.ts';
import { visit } from '../lab/visitor.ts';
import { missing } from '../require.ts';
import { callAttacks, callProgram, callResults } from './calls.ts';
import { openReport } from './report.ts';
import { runUnfiltered } from './unfiltered.ts';

const ATTACKS = callAttacks();

describe('attacks on the kernel', { skip: await missing('lab') }, () => {
  const report = openReport('System calls of a program in the sandbox');
  const files = { 'client.c': callProgram(ATTACKS) };
  let filtered = new Map<number, string>();
  let unfiltered = new Map<number, string>();
  before(async () => {
    await using runner = await startRunner();
    await using visitor = await visit(runner.address);
    visitor.run(1, 'client', 'c', files);
    const { end } = await visitor.until('run-ended');
    assert.deepEqual(end, { kind: 'exit', code: 0 }, visitor.output(1));
    filtered = callResults(visitor.output(1));
    unfiltered = callResults(await runUnfiltered('c', files));
  });
  after(report.print);

  for (const [index, { attack, answer, filterAlone = false }] of ATTACKS.entries()) {
    test(`${attack}: ${answer}`, () => {
      const [seen = 'nothing', unprotected = 'nothing'] = [filtered.get(index), unfiltered.get(index)];
      report.add({ attack, expected: answer, seen, unprotected });
      assert.equal(seen, answer);
      // Else this row would say nothing about the filter.
      if (filterAlone) assert.notEqual(unprotected, answer, 'the kernel answers the same without the filter');
    });
  }
});
