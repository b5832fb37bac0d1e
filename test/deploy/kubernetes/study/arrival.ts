import assert from 'node:assert/strict';
import type { EvidenceLine } from '../../../../protocol/evidence-line.ts';
import { TWO_SUBFLOWS } from '../../two-subflows.ts';
import { kubectl, podsOf, siteOf, until } from '../node/cluster.ts';
import { comeIn, join } from './newcomers.ts';
import type { Step } from './step.ts';

/** The Deployment has no number of replicas: the autoscaler's least is what they become. */
export const REPLICAS = 2;

export const allReady: Step = {
  what: 'all pods are ready',
  async act() {
    const runners = await readyPods('runner');
    const sites = await readyPods('site');
    const why = await until('the autoscaler has looked for its metric', async () => {
      const reason = '{.status.conditions[?(@.type=="ScalingActive")].reason}';
      return (await kubectl(['get', 'hpa.v2beta2.autoscaling', 'runner', '-o', `jsonpath=${reason}`])) || null;
    });
    return [
      `${runners.length} runners (one, and the autoscaler's least is ${REPLICAS}) and ${sites.length} sites`,
      `the autoscaler has no metric (${why}): no adapter is there, so it was not tried how it adds runners`,
    ];
  },
};

/** Once there are as many as there shall be, and no other. */
export async function readyPods(deployment: string) {
  return until(`${REPLICAS} pods of ${deployment} are ready`, async () => {
    const pods = await podsOf(deployment);
    return pods.length === REPLICAS && pods.every(({ ready, ending }) => ready && !ending) ? pods : null;
  });
}

export const bounded: Step = {
  what: 'a runner is a user without rights',
  async act() {
    const [pod] = await podsOf('runner');
    const inPod = (...argv: string[]) => kubectl(['exec', pod?.name ?? '', '--', ...argv]);
    const status = await inPod('cat', '/proc/1/status');
    assert.match(status, /^Uid:\t1000\t1000\t1000\t1000$/m);
    assert.deepEqual(new Set(status.match(/^Cap\w+:\t(\w+)$/gm)?.map((line) => line.split('\t')[1])), new Set(['0'.repeat(16)]));
    assert.match(status, /^NoNewPrivs:\t1$/m);
    assert.match(status, /^Seccomp:\t2$/m);
    const written = await inPod('touch', '/usr/written').then(
      () => 'it was written',
      (error: Error) => error.message,
    );
    assert.match(written, /Read-only file system/);
    const doctor = await inPod('/opt/hello-mptcp/doctor');
    assert.doesNotMatch(doctor, /^missing/m);
    return [
      'uid 1000, no capability, no_new_privs, a seccomp filter, a root that cannot be written to',
      'the doctor in it finds nothing missing',
    ];
  },
};

export const pages: Step = {
  what: 'pages come by the Service "site"',
  async act() {
    const answer = await fetch(new URL('languages/python/', await siteOf('site')));
    assert.equal(answer.status, 200);
    const [, title] = /<title>([^<]*)/.exec(await answer.text()) ?? [];
    return [`"${title}", HTTP ${answer.status}`];
  },
};

export const hello: Step = {
  what: 'a hello by the Service "runner"',
  async act() {
    const site = await siteOf('runner');
    const cookies = await join(site);
    await using visitor = await comeIn(site, cookies);
    visitor.run(1, 'server', 'python');
    visitor.run(2, 'client', 'python', { 'client.py': TWO_SUBFLOWS });
    const { verdict } = await visitor.until('verdict', ({ run, final }) => run === 2 && final);
    assert.equal(verdict.kind, 'multipath', visitor.output(2));
    assert.match(visitor.output(2), /hello 10\.0\.1\.2, I am python/);
    visitor.run(3, 'server', 'c');
    visitor.run(4, 'client', 'c');
    const compiled = await visitor.until('verdict', ({ run, final }) => run === 4 && final);
    assert.equal(compiled.verdict.kind, 'multipath', visitor.output(4));
    const subflows = verdict.kind === 'multipath' ? (verdict.connections[0]?.subflows ?? []) : [];
    assert.deepEqual(subflows.map(({ link }) => link).toSorted(), ['cellular', 'wifi']);
    return [
      `Python: ${verdict.headline}, subflows over ${subflows.map(({ link }) => link).join(' and ')}`,
      ...verdict.because.map(told),
      `C, compiled there: ${compiled.verdict.headline}`,
    ];
  },
};

function told(line: EvidenceLine): string {
  return line.kind === 'counter' ? `  ${line.says} ${line.name} ${line.before} → ${line.after}` : `  ${line.says}`;
}
