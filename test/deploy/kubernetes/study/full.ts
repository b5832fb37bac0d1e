import assert from 'node:assert/strict';
import type { Visitor } from '../../../lab/visitor.ts';
import { endpointsOf, siteOf, until } from '../node/cluster.ts';
import { readyPods } from './arrival.ts';
import { comeIn, holdLab, join, labsAt, runnerAt } from './newcomers.ts';
import { type Step, seconds, stopwatch } from './step.ts';

/** As one-node/kustomization.yaml has it. */
const LABS = 3;
const NEWCOMERS = 2;

export const oneFull: Step = {
  what: 'a runner whose labs are all in use gets nobody new',
  async act() {
    const [full, other] = await readyPods('runner');
    const site = await siteOf('runner');
    const cookies = await join(site);
    const ip = full?.ip ?? '';
    const holders = await holdAll(ip);
    const sinceFull = stopwatch();
    await until('the full runner has left the Service', async () => ((await endpointsOf('runner')).includes(ip) ? null : true));
    const leftMs = sinceFull();
    assert.deepEqual(await endpointsOf('runner'), [other?.ip]);
    assert.ok((await endpointsOf('runner-alive')).includes(ip), 'it is still among those that are alive');

    const others: Visitor[] = [];
    for (let index = 0; index < NEWCOMERS; index++) {
      const visitor = await comeIn(site, cookies);
      others.push(visitor);
      await holdLab(visitor);
      assert.ok(!visitor.events.some(({ type }) => type === 'waiting'), 'a newcomer had to wait');
    }
    assert.equal(await labsAt(other?.ip ?? ''), NEWCOMERS);
    assert.equal(await labsAt(ip), LABS);
    await leave(others);

    await leave(holders);
    const sinceFree = stopwatch();
    await until('it is back', async () => ((await endpointsOf('runner')).includes(ip) ? true : null));
    return [
      `out of the Service's endpoints after ${seconds(leftMs)}; "runner-alive" keeps it`,
      `${NEWCOMERS} of ${NEWCOMERS} newcomers had a lab of the other runner at once`,
      `back ${seconds(sinceFree())} after its learners left`,
    ];
  },
};

export const allFull: Step = {
  what: 'where all are full, one waits in a line',
  async act() {
    const pods = await readyPods('runner');
    const [site, alive] = [await siteOf('runner'), await siteOf('runner-alive')];
    const cookies = await join(site);
    const holders = (await Promise.all(pods.map(({ ip }) => holdAll(ip)))).flat();
    await until('no runner has room', async () => ((await endpointsOf('runner')).length === 0 ? true : null));
    const refused = await until('the Service leads nowhere', () =>
      comeIn(site, cookies).then(
        async (visitor) => {
          await visitor[Symbol.asyncDispose]();
          return null;
        },
        (error: Error) => error.message,
      ),
    );
    await using late = await comeIn(alive, cookies);
    late.run(1, 'client', 'python', { 'client.py': 'print("at last")' });
    const { position } = await late.until('waiting', (event) => event.for === 'lab').then(lineOf);
    const since = stopwatch();
    await leave(holders);
    await late.untilOutput(1, 'at last');
    await readyPods('runner');
    return [
      `"runner" refuses: ${refused}`,
      `"runner-alive", where an ingress leads then: place ${position} in the line, and a lab ${seconds(since())} after one left`,
    ];
  },
};

async function holdAll(ip: string): Promise<Visitor[]> {
  const cookies = await join(runnerAt(ip));
  const holders = await Promise.all(Array.from({ length: LABS }, () => comeIn(runnerAt(ip), cookies)));
  await Promise.all(holders.map(holdLab));
  return holders;
}

async function leave(visitors: Visitor[]): Promise<void> {
  await Promise.all(visitors.map((visitor) => visitor[Symbol.asyncDispose]()));
}

function lineOf(event: { for: string; position?: number }): { position: number } {
  return { position: event.position ?? assert.fail('no place in a line') };
}
