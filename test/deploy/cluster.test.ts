import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { missing } from '../require.ts';
import { notAlone, runAlone } from './alone.ts';
import { type ClusterReport, describeReport, lossesOf } from './cluster/cluster-report.ts';

const LEARNERS = 20;
const EVERY_MS = 1_500;
const PHASE_MS = 4_000;
const TIMEOUT_MS = 120_000;
/** A proxy looks each second who is alive. */
const SOON_MS = 5_000;

const skip = (await missing('lab')) || (await missing('proxies')) || notAlone();

/** `npm run bench -- cluster` does the same with 200 learners, and says how long each thing takes. */
describe('runners behind HAProxy, as deploy/proxy/haproxy-cluster.cfg has it', { skip }, () => {
  test('one is killed, one added, one drained: who was there is told, and goes on elsewhere', async (context) => {
    const argv = [LEARNERS, EVERY_MS, PHASE_MS].map(String);
    const report: ClusterReport = JSON.parse(await runAlone('test/deploy/cluster/behind-cluster.ts', argv, TIMEOUT_MS));
    for (const line of describeReport(report)) context.diagnostic(line);
    const { before, beforeDrain, after, stories } = report;
    assert.deepEqual(
      stories.flatMap(({ faults }) => faults),
      [],
    );
    assert.deepEqual(
      stories.filter(({ fellBack }) => fellBack > 0),
      [],
    );
    assert.ok(Math.min(before['a'] ?? 0, before['b'] ?? 0) >= LEARNERS / 4, 'learners are spread');

    const [killed, drained] = [lossesOf(report, 'killed'), lossesOf(report, 'drained')];
    assert.equal(killed.length, before['a'], 'who was at the killed runner lost its session, and nobody else');
    for (const { runner, told, anewMs } of killed) {
      assert.equal(runner, 'a');
      assert.match(told ?? '', /The runner has given this session up\. Run starts anew\./);
      assert.ok(anewMs < SOON_MS, `${anewMs} ms`);
    }
    assert.equal(drained.length, beforeDrain['b'], 'who was at the drained runner moved, and nobody else');
    assert.deepEqual(
      drained.filter(({ midRun }) => midRun),
      [],
      'what ran there came to its end',
    );
    assert.deepEqual(after, { c: LEARNERS });
  });
});
