import assert from 'node:assert/strict';
import { networkInterfaces } from 'node:os';
import { after, before, describe, test } from 'node:test';
import { startRunner } from '../lab/runner.ts';
import { visit } from '../lab/visitor.ts';
import { missing } from '../require.ts';
import { reaches, reachProgram } from './outward.ts';
import { openReport } from './report.ts';

const SECRET = 'a-secret-of-the-runner';

describe('reaching out of the sandbox', { skip: await missing('lab') }, () => {
  const report = openReport('What a program in the sandbox finds of the machine');
  const machineAddress =
    Object.values(networkInterfaces())
      .flat()
      .find((address) => address !== undefined && !address.internal && address.family === 'IPv4')?.address ?? '127.0.0.2';
  const allAt = (runnerPort: number) => reaches({ runnerPort, machineAddress, secret: SECRET });
  let seen = new Map<number, string>();
  before(async () => {
    process.env['ATTACK_SECRET'] = SECRET;
    await using runner = await startRunner({ HOST: '0.0.0.0', OPEN: '1' });
    await using visitor = await visit(runner.address.replace('0.0.0.0', '127.0.0.1'));
    visitor.run(1, 'client', 'python', { 'client.py': reachProgram(allAt(Number(new URL(runner.address).port))) });
    const { end } = await visitor.until('run-ended');
    assert.deepEqual(end, { kind: 'exit', code: 0 }, visitor.output(1));
    seen = new Map([...visitor.output(1).matchAll(/^(\d+) (.+?)\r?$/gm)].map(([, index, text]) => [Number(index), text ?? '']));
  });
  after(report.print);

  for (const [index, reach] of allAt(0).entries()) {
    test(`${reach.attack}: ${reach.means}`, () => {
      const found = seen.get(index) ?? 'nothing';
      report.add({ attack: reach.attack, expected: reach.means, seen: found.slice(0, 70) });
      assert.match(found, reach.seen);
    });
  }
});
