import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { after, before, describe, test } from 'node:test';
import { describeRunEnd } from '../../protocol/run-end.ts';
import { eventually, startRunner, type TestRunner } from '../lab/runner.ts';
import { visit } from '../lab/visitor.ts';
import { missing } from '../require.ts';
import { MACHINE_ATTACKS, MACHINE_SETTINGS } from './machine.ts';
import { openReport } from './report.ts';

describe('attacks on the machine', { skip: await missing('lab') }, () => {
  const report = openReport('Programs that take what they can');
  let runner: TestRunner;
  before(async () => {
    runner = await startRunner(MACHINE_SETTINGS);
  });
  after(async () => {
    await runner[Symbol.asyncDispose]();
    report.print();
  });

  for (const { attack, code, stopAfter, end, prints, means } of MACHINE_ATTACKS) {
    test(`${attack}: ${means}, and the next run is as ever`, async () => {
      await using visitor = await visit(runner.address);
      visitor.run(1, 'client', 'python', { 'client.py': `import os, socket, sys, time\n${code}` });
      if (stopAfter !== undefined) {
        await visitor.untilOutput(1, stopAfter);
        visitor.say({ type: 'stop', run: 1 });
      }
      const ended = await visitor.until('run-ended');
      const output = visitor.output(1);
      const last = output.trim().split('\r\n').at(-1)?.slice(0, 40) ?? '';
      report.add({ attack, expected: means, seen: `${describeRunEnd(ended.end)}${output.length > 200 ? '' : ` (${last})`}` });
      assert.match(describeRunEnd(ended.end), end, output.slice(-300));
      if (prints !== undefined) assert.match(output, prints);

      // In the same lab: nothing of it is left, neither processes nor files, and there is room again.
      const look = `import os
os.write(os.open("/tmp/x", os.O_CREAT | os.O_WRONLY), bytes(1 << 20))
print(os.listdir("."), os.listdir("/tmp"), os.listdir("/dev/shm"), os.listdir("/run"), [p for p in os.listdir("/proc") if p.isdigit()])`;
      visitor.run(2, 'client', 'python', { 'client.py': look });
      await visitor.until('run-ended', (event) => event.run === 2);
      assert.equal(visitor.output(2), "['client.py'] ['x'] [] [] ['1', '2']\r\n");
    });
  }

  test('nothing of all this is left on the machine', async () => {
    await eventually('all labs are given back', async () => (await runner.status()).labs.open === 0);
    assert.doesNotMatch(execFileSync('ps', ['-eo', 'args'], { encoding: 'utf8' }), /^sleep 4711/m);
  });
});
