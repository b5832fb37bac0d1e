import assert from 'node:assert/strict';
import { tmpdir } from 'node:os';
import { setTimeout as sleep } from 'node:timers/promises';
import { startRunnerProcess } from '../../bench/runner-process.ts';
import { eventually } from '../../lab/runner.ts';
import { ALONE } from '../alone.ts';
import { makeCertificate } from '../certificate.ts';
import { startCluster } from '../real-proxy.ts';
import type { ClusterReport } from './cluster-report.ts';
import { type Learner, openLearner } from './learner.ts';

/**
 * `behind-cluster.ts LEARNERS EVERY_MS PHASE_MS`, on a machine that is alone in the world: runners a and b behind HAProxy as
 * deploy/proxy/haproxy-cluster.cfg has it, all learners at work; then a is killed, c is added, b is drained. Prints the report.
 */
const [learners = 0, everyMs = 0, phaseMs = 0] = process.argv.slice(2).map(Number);
const CODE = 'K7Q-M4T-XP9';
const SITE = `https://${ALONE.name}/`;
const COME_IN_TOGETHER = 4;
process.env['NODE_TLS_REJECT_UNAUTHORIZED'] = '0';
process.removeAllListeners('warning');

/** Any two of them have room for all; one alone, too. */
const settings = {
  ...{ JOIN_CODE: CODE, PUBLIC_ORIGINS: `https://${ALONE.name}`, TRUSTED_PROXIES: '127.0.0.1', LABS_WARM: '2' },
  ...{ LABS: String(learners), QUEUE: String(learners), SESSIONS: '2000', SESSIONS_PER_ADDRESS: '2000', LOG_LEVEL: 'fatal' },
};
const PORTS = { a: '8271', b: '8272', c: '8273' };
const startOne = (name: keyof typeof PORTS) => startRunnerProcess({ ...settings, PORT: PORTS[name] });

const stack = new AsyncDisposableStack();
const a = stack.use(await startOne('a'));
const b = stack.use(await startOne('b'));
stack.use(await startCluster(tmpdir(), await makeCertificate(tmpdir(), ALONE.name)));
await eventually('the proxy has found a runner', async () => (await fetch(`${SITE}readyz`)).status === 200);

const all = await comeIn();
const startedAt = performance.now();
const at = (phases: number) => startedAt + phases * phaseMs;
const study = Promise.all(all.map(learn));

await sleep(at(1) - performance.now());
const before = count(all.map((learner) => learner.runner()));
const killedAt = performance.now();
process.kill(a.pid, 'SIGKILL');
const killedMidRun = all.filter((learner) => learner.runner() === 'a').length;

await sleep(at(2) - performance.now());
stack.use(await startOne('c'));

await sleep(at(3) - performance.now());
const beforeDrain = count(all.map((learner) => learner.runner()));
const drainedAt = performance.now();
process.kill(b.pid, 'SIGTERM');
await study;

// One more of each, so that nobody is left behind.
for (const learner of all) await learner.hello();
const after = count(all.map((learner) => learner.runner()));
const stories = all.map(({ story }) => story);
await Promise.all(all.map((learner) => learner.leave()));
assert.equal(killedMidRun, before['a'] ?? 0);
const report: ClusterReport = { learners, killedAt, drainedAt, before, beforeDrain, after, stories };
await stack.disposeAsync();
console.log(JSON.stringify(report));
// What learners waited for in vain still waits.
process.exitCode = 0;
process.stdout.write('', () => process.exit());

async function comeIn(): Promise<Learner[]> {
  const there: Learner[] = [];
  let next = 0;
  const enter = async () => {
    while (next++ < learners) {
      const learner = await openLearner(SITE, CODE);
      await learner.hello();
      there.push(learner);
    }
  };
  await Promise.all(Array.from({ length: COME_IN_TOGETHER }, enter));
  return there;
}

/** Each at its own time, as people do. */
async function learn(learner: Learner, position: number): Promise<void> {
  for (let due = startedAt + (everyMs * position) / learners; due < at(4); due += everyMs) {
    await sleep(Math.max(0, due - performance.now()));
    await learner.hello();
  }
}

function count(names: string[]): Record<string, number> {
  const counts: Record<string, number> = {};
  for (const name of names) counts[name] = (counts[name] ?? 0) + 1;
  return counts;
}
