import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { startRunner, type TestRunner } from '../lab/runner.ts';
import { visit } from '../lab/visitor.ts';
import { missing } from '../require.ts';
import { openReport } from './report.ts';

/** What an attack may take of the runner's memory, at its worst moment, with what it takes of the attacker's own. */
const SPARE_BYTES = 200 * 1024 * 1024;
const LOOK_MS = 10;

/** A client that attacks the runner: `carryOut` resolves with what was seen, and throws when it is not what must happen. */
export type ServiceAttack = (name: string, means: string, carryOut: (runner: TestRunner) => Promise<string>) => void;

const skip = await missing('lab');

/** A suite of attacks on one real runner. After each it answers others, and after all of them it runs a program for another visitor. */
export function attackService(title: string, settings: Record<string, string>, define: (attack: ServiceAttack) => void): void {
  describe(`attacks on the service: ${title}`, { skip }, () => {
    const report = openReport(title);
    let runner: TestRunner;
    before(async () => {
      runner = await startRunner(settings);
    });
    after(async () => {
      await runner[Symbol.asyncDispose]();
      report.print();
    });
    define((name, means, carryOut) => {
      test(`${name}: ${means}`, async () => {
        const memory = watchMemory();
        const seen = await carryOut(runner).finally(memory.stop);
        report.add({ attack: name, expected: means, seen });
        assert.ok(memory.grownBytes() < SPARE_BYTES, `the runner grew by ${memory.grownBytes() >> 20} MiB`);
        assert.equal((await fetch(new URL('healthz', runner.address))).status, 200);
      });
    });
    test('after all this, a program of another visitor runs', () => helloWorks(runner));
  });
}

/** A hello of another visitor, while an attack goes on or right after it. */
export async function helloWorks(runner: TestRunner): Promise<void> {
  await using visitor = await visit(runner.address);
  visitor.run(1, 'client', 'python', { 'client.py': 'print("still here")' });
  await visitor.untilOutput(1, 'still here');
}

function watchMemory() {
  const before = process.memoryUsage.rss();
  let most = before;
  const timer = setInterval(() => {
    most = Math.max(most, process.memoryUsage.rss());
  }, LOOK_MS);
  return { stop: () => clearInterval(timer), grownBytes: () => most - before };
}
