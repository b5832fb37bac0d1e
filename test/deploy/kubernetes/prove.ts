import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { top } from '../../../setup/site-build.ts';
import { describeMachine, thisMachine } from '../../bench/machine.ts';
import { missing } from '../../require.ts';
import type { OwnMachine } from '../own-machine.ts';
import { CACHE, kubernetesPrograms, nodeRoot } from './node/cache.ts';
import { saveImages } from './node/images.ts';
import { leftOf, tracesOf } from './node/left.ts';
import { loadImages, logsOf, startNode } from './node/node.ts';
import { type Outcome, seconds, take } from './study/step.ts';

/**
 * `npm run kubernetes`: starts a Kubernetes on one node, with nothing of it on this machine, applies deploy/kubernetes/, and
 * tells what learners notice. The exit code is 1 when something is not as promised. The first run compiles Kubernetes, which
 * takes minutes; `-- remove` takes away what is kept of that.
 */
const [command = 'prove'] = process.argv.slice(2);
const impossible = (await missing('engine')) || (await missing('kubectl')) || noMultipath();
if (command === 'remove') await rm(CACHE, { recursive: true, force: true });
else if (command !== 'prove') fail(`No command "${command}". Known: remove; without a word it is proved`);
else if (impossible !== false) fail(`It ${impossible}`);
else await prove();

async function prove(): Promise<void> {
  const undo = new AsyncDisposableStack();
  const scratch = mkdtempSync(join(tmpdir(), 'hello-mptcp-kubernetes-'));
  undo.defer(() => rmSync(scratch, { recursive: true }));
  let current: Promise<unknown> = Promise.resolve();
  const stop = new AbortController();
  for (const name of ['SIGINT', 'SIGTERM', 'SIGHUP', 'disconnect'] as const) {
    process.once(name, async () => {
      stop.abort();
      // What is half made has an undo when it is whole, or when it fails.
      await current;
      await undo.disposeAsync();
      process.exit(1);
    });
  }
  process.channel?.unref();

  const outcomes: Outcome[] = [];
  const tell = (outcome: Outcome) => {
    outcomes.push(outcome);
    console.log(linesOf(outcome).join('\n'));
  };
  const isFine = () => outcomes.every(({ kind }) => kind === 'as-promised');
  const step = async (what: string, act: () => Promise<string[]>) => {
    stop.signal.throwIfAborted();
    const taken = take({ what, act });
    current = taken;
    tell(await taken);
  };
  let node: OwnMachine | null = null;
  try {
    const [programs, root, images] = [await kubernetesPrograms(), await nodeRoot(), join(scratch, 'images.tar')];
    let seccomp = '';
    await step('the images are made', async () => {
      await using engine = undo.use(new AsyncDisposableStack());
      seccomp = await saveImages(programs, images, engine);
      return ['the one of "npm run container", with C and Python, and the one that holds a pod together'];
    });
    if (!isFine()) return;
    await step('Kubernetes 1.20.2 starts', async () => {
      node = undo.use(await startNode({ root, programs, seccomp }));
      await loadImages(node, images);
      return ['etcd, containerd, API server, controllers, scheduler, kubelet, kube-proxy; both images are loaded'];
    });
    if (node === null) return;
    await study(node, tell);
    if (!isFine()) console.error(logsOf(node));
    const traces = tracesOf(node);
    await step('all of it is gone', async () => {
      await undo.disposeAsync();
      const left = leftOf(traces);
      if (left.length > 0) throw new Error(left.join(', '));
      return [`${traces.processes.length} processes and their namespaces, mounts, control groups and files`];
    });
  } finally {
    await undo.disposeAsync();
    if (!isFine()) process.exitCode = 1;
  }
  console.log(describeMachine(thisMachine()));
}

/** In the network of the node, where Services have addresses. */
async function study({ pid, commands }: OwnMachine, tell: (outcome: Outcome) => void): Promise<void> {
  const script = join(import.meta.dirname, 'study/on-node.ts');
  const child = spawn('nsenter', ['--target', String(pid), '--net', process.execPath, script], {
    cwd: top,
    env: { ...process.env, KUBERNETES_PROGRAMS: commands },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const ended = once(child, 'close');
  for await (const line of createInterface({ input: child.stdout })) tell(JSON.parse(line));
  const [code] = await ended;
  if (code !== 0) throw new Error(`${script} ended with exit code ${code}`);
}

function linesOf(outcome: Outcome): string[] {
  const { what, ms, kind } = outcome;
  const head = `${seconds(ms).padStart(8)}  ${kind === 'as-promised' ? '' : 'NOT AS PROMISED: '}${what}`;
  return [head, ...(kind === 'as-promised' ? outcome.seen : outcome.why.split('\n')).map((line) => `${' '.repeat(12)}${line}`)];
}

function noMultipath(): string | false {
  return existsSync('/proc/sys/net/mptcp/enabled') ? false : 'needs a kernel with Multipath TCP (5.6 or later, CONFIG_MPTCP)';
}

function fail(message: string): void {
  console.error(message);
  process.exitCode = 2;
}
