import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { capacityOf } from '../../runner/admission/capacity.ts';

const USUAL = { openFiles: 65_536, neighbours: 1_024 };
const PRICE = 0.25;

test('the sizes on the page are those that the runner counts with', () => {
  const page = readFileSync('site/content/docs/self-host/sizing.mdx', 'utf8');
  const rows = [...page.matchAll(/^\| (\d+) \| (\d+) \| (\d+) \| (\d+) \| (\d+) \|$/gm)].map((row) => row.slice(1).map(Number));
  assert.equal(rows.length, 6);
  for (const [learners = 0, machines = 0, cores = 0, gib = 0, labs = 0] of rows) {
    assert.equal(capacityOf({ ...USUAL, cores, memoryBytes: gib * 1024 ** 3 }).labs, labs, `${cores} cores, ${gib} GiB`);
    assert.equal(machines, Math.ceil(learners / labs), `machines for ${learners}`);
  }
  assert.equal(capacityOf({ ...USUAL, cores: 100, memoryBytes: 1024 ** 4 }).labs, 512);
  assert.ok(
    page.includes(`${(PRICE / 400).toFixed(4)} for each of them`) && page.includes(`with 26 machines, are ${26 * 2 * PRICE}.`),
  );
});
