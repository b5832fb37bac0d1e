import assert from 'node:assert/strict';
import { apply, kubectl } from '../node/cluster.ts';
import { asOlder } from '../older.ts';
import { render } from '../render.ts';
import { readyPods } from './arrival.ts';
import { type Step, seconds, stopwatch } from './step.ts';

export const budget: Step = {
  what: 'a node that is emptied gives up one runner at a time',
  async act() {
    const [first, second] = (await readyPods('runner')).map(({ name }) => name);
    await evict(first ?? '');
    const since = stopwatch();
    const refused = await evict(second ?? '').then(
      () => assert.fail('the second was given up too'),
      (error: Error) => /Cannot evict pod[^\n]*/.exec(error.message)?.[0] ?? assert.fail(error.message),
    );
    await readyPods('runner');
    return [`the first goes, the second stays: ${refused}`, `two are ready again after ${seconds(since())}`];
  },
};

async function evict(name: string): Promise<void> {
  const eviction = { apiVersion: 'policy/v1beta1', kind: 'Eviction', metadata: { name, namespace: 'hello-mptcp' } };
  await kubectl(['create', '--raw', `/api/v1/namespaces/hello-mptcp/pods/${name}/eviction`, '-f', '-'], JSON.stringify(eviction));
}

export const policies: Step = {
  what: 'network policies',
  async act() {
    const names = (await kubectl(['get', 'networkpolicies', '-o', 'name'])).trimEnd().split('\n');
    const [runner] = await readyPods('runner');
    const [page] = await readyPods('site');
    const url = `http://${page?.ip}:8262/healthz`;
    const reached = await kubectl(['exec', runner?.name ?? '', '--', 'curl', '-sS', '--max-time', '5', url]).catch(() => null);
    return [
      `${names.length} are taken by the API`,
      reached === null
        ? 'a runner does not reach another pod'
        : "a runner reaches another pod: this node's network enforces none",
    ];
  },
};

export const strangers: Step = {
  what: 'the overlay for strangers',
  async act() {
    const { manifests } = asOlder(await render('strangers'));
    const taken = await apply(manifests, '--dry-run=server');
    return [`${taken.length} objects are taken by the API (a dry run: no micro-VM runtime is here)`];
  },
};
