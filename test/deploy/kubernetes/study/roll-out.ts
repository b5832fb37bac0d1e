import assert from 'node:assert/strict';
import type { Visitor } from '../../../lab/visitor.ts';
import { apply, kubectl, podsOf, siteOf, until } from '../node/cluster.ts';
import { NEXT_TAG } from '../node/images.ts';
import { asOlder } from '../older.ts';
import { IMAGE, render } from '../render.ts';
import { readyPods } from './arrival.ts';
import { reasons } from './kill.ts';
import { comeIn, holdLab, join, newcomers, runnerAt } from './newcomers.ts';
import { type Step, seconds, stopwatch } from './step.ts';

export const rolledOut: Step = {
  what: 'an update is rolled out',
  async act() {
    const old = await readyPods('runner');
    const site = await siteOf('runner');
    const cookies = await join(site);
    const learners = await Promise.all(old.map(async ({ ip }) => comeIn(runnerAt(ip), await join(runnerAt(ip)))));
    const others = newcomers(site, cookies);
    const since = stopwatch();
    await apply(asOlder(await render('one-node', NEXT_TAG)).manifests);
    const drained = await Promise.all(old.map(({ name }, index) => atItsEnd(name, learners[index] ?? assert.fail())));
    await until('only new pods are left', async () => {
      const pods = [...(await podsOf('runner')), ...(await podsOf('site'))];
      return pods.length > 0 && pods.every(({ image, ready }) => image === `${IMAGE}:${NEXT_TAG}` && ready) ? true : null;
    });
    const doneMs = since();
    await kubectl(['rollout', 'status', 'deployment', 'runner']);
    const { welcome, refused, longestMs } = await others.stop();
    assert.deepEqual(refused, [], 'newcomers are served all the time');
    return [
      `all pods are new after ${seconds(doneMs)}`,
      ...drained,
      `${welcome} newcomers meanwhile, one after the other: ${refused.length} refused${reasons(refused)}; the slowest was in after ${seconds(longestMs)}`,
    ];
  },
};

/** What a learner at a pod sees of its end, with a program that runs. */
async function atItsEnd(name: string, learner: Visitor): Promise<string> {
  await until(`${name} is told to end`, async () =>
    (await podsOf('runner')).some((pod) => pod.name === name && !pod.ending) ? null : true,
  );
  const since = stopwatch();
  await holdLab(learner);
  const { seconds: allowed } = await learner.until('draining');
  const toldMs = since();
  learner.type(1, '\r');
  const { end } = await learner.until('run-ended');
  assert.deepEqual(end, { kind: 'exit', code: 0 });
  assert.match(learner.output(1), /went on/);
  const code = await learner.closed();
  assert.equal(code, 1001);
  return `${name}: Run still works in the ${seconds(toldMs)} of preStop; then the page is told of ${allowed} s, and its program comes to its end (close code ${code})`;
}
