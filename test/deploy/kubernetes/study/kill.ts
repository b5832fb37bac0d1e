import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { setTimeout as sleep } from 'node:timers/promises';
import { promisify } from 'node:util';
import { nodeProgram, type Pod, podsOf, siteOf, until } from '../node/cluster.ts';
import { readyPods } from './arrival.ts';
import { comeIn, holdLab, join, labsAt, newcomers } from './newcomers.ts';
import { type Step, seconds, stopwatch } from './step.ts';

const ATTEMPT_MS = 50;

export const killed: Step = {
  what: 'a runner is killed in the middle of a run',
  async act() {
    const [site, alive] = [await siteOf('runner'), await siteOf('runner-alive')];
    const cookies = await join(site);
    const visitor = await comeIn(site, cookies);
    await holdLab(visitor);
    const pod = await podWithLab();
    const others = newcomers(site, cookies);
    await sleep(ATTEMPT_MS);

    // As the kernel does it when memory is used up: nobody says goodbye.
    await promisify(execFile)(
      nodeProgram('ctr'),
      ['--namespace', 'k8s.io', 'tasks', 'kill', '--signal', 'SIGKILL', pod.container],
      {
        cwd: '/',
      },
    );
    const since = stopwatch();
    const code = await visitor.closed();
    const lostMs = since();
    // As a page does it: it asks for its session, and Run then opens another one.
    const told = await until('a runner answers', () =>
      visitor.comeBack(alive).then(
        () => 'resumed',
        (error: Error) => messageIn(error.message),
      ),
    );
    assert.match(told, /given this session up/);
    const toldMs = since();
    await until('a hello elsewhere', async () => {
      const again = await comeIn(site, cookies).catch(() => null);
      if (again === null) return null;
      again.run(1, 'server', 'c');
      again.run(2, 'client', 'c');
      const { verdict } = await again.until('verdict', ({ run, final }) => run === 2 && final);
      assert.equal(verdict.kind, 'multipath');
      await again[Symbol.asyncDispose]();
      return true;
    });
    const helloMs = since();
    await until('the pod has started its container again', async () =>
      (await podsOf('runner')).some(({ name, restarts }) => name === pod.name && restarts > pod.restarts) ? true : null,
    );
    await readyPods('runner');
    const readyMs = since();
    const { welcome, refused } = await others.stop();
    return [
      `the page's socket is gone after ${seconds(lostMs)} (close code ${code}); told after ${seconds(toldMs)}: "${told}"`,
      `its next Run was Multipath TCP ${seconds(helloMs)} after the kill; the killed runner is ready again after ${seconds(readyMs)}`,
      `of ${welcome + refused.length} newcomers meanwhile, ${refused.length} were refused${reasons(refused)}`,
    ];
  },
};

const LOST = 12;

export const networkLost: Step = {
  what: 'pages lose their network for a moment',
  async act() {
    const [site, alive] = [await siteOf('runner'), await siteOf('runner-alive')];
    const cookies = await join(site);
    let resumed = 0;
    for (let index = 0; index < LOST; index++) {
      const visitor = await comeIn(site, cookies);
      await visitor.lose();
      const told = await visitor.comeBack(alive).then(
        () => 'resumed',
        (error: Error) => error.message,
      );
      if (told === 'resumed') {
        resumed++;
        await visitor[Symbol.asyncDispose]();
      } else assert.match(told, /given this session up/);
    }
    return [`${resumed} of ${LOST} came back to their session; the others were led to the other runner, and told to begin anew`];
  },
};

/** What a runner said to a page that came back; `null` where none did. */
function messageIn(text: string): string | null {
  return /"message":"([^"]*)"/.exec(text)?.[1] ?? null;
}

async function podWithLab(): Promise<Pod> {
  const pods = await readyPods('runner');
  const labs = await Promise.all(pods.map(({ ip }) => labsAt(ip)));
  assert.deepEqual(labs.toSorted(), [0, 1]);
  return pods[labs.indexOf(1)] ?? assert.fail();
}

/** ` (connect ECONNREFUSED 10.96.1.2:80, in the first 1.4 s)` */
export function reasons(refused: { atMs: number; why: string }[]): string {
  if (refused.length === 0) return '';
  const [first, last] = [refused[0], refused.at(-1)];
  const spanMs = (last?.atMs ?? 0) - (first?.atMs ?? 0);
  return ` within ${seconds(spanMs)}: ${[...new Set(refused.map(({ why }) => why))].join('; ')}`;
}
