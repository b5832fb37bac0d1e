import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import WebSocket from 'ws';
import { HOME_TOPOLOGY } from '../../protocol/topology.ts';
import { openClient } from './client.ts';
import { observingMs } from './cpu-time.ts';
import { alternate, figureOf } from './figure.ts';
import { untilLabsIdle } from './idle-labs.ts';
import type { Quiet } from './quiet.ts';
import type { Row } from './row.ts';
import { startRunnerProcess } from './runner-process.ts';
import type { WatchedLabAnswer, WatchedLabAsk } from './watched-lab.ts';

const ROUNDS = 4;
const WAITING_ROUNDS = 2;
const WINDOW_MS = 5_000;
/** What a look costs at first, until the engine has compiled it, is no part of a transfer of some minutes. */
const WARM_UP_MS = 10_000;
/** Longer than a program that waits is told about at each look (runner/session/watch.ts). */
const STILL_MS = 11_000;
/** Of the sum of both links: a transfer that carries less is none that this is about. */
const LEAST_PART_OF_SUM = 0.75;

/** What the evidence of one lab costs: with a transfer over both links, with a program that waits, and with none. */
export async function evidenceCostRows(quiet: Quiet): Promise<Row[]> {
  await using lab = await openWatchedLab();
  await lab.ask('watch');
  await delay(STILL_MS);
  const waiting = await alternate(WAITING_ROUNDS, quiet, {
    watched: () => lab.percentCpu(),
    unwatched: async () => {
      await lab.ask('leave');
      const percent = await lab.percentCpu();
      await lab.ask('watch');
      await delay(STILL_MS);
      return percent;
    },
  });

  await lab.ask('transfer');
  await delay(WARM_UP_MS);
  let mbit: number[] = [];
  const transfer = await alternate(ROUNDS, quiet, {
    watched: async () => {
      const before = await lab.ask('bytes');
      const percent = await lab.percentCpu();
      mbit = [...mbit, (((await lab.ask('bytes')) - before) * 8) / WINDOW_MS / 1000];
      return percent;
    },
    unwatched: async () => {
      await lab.ask('leave');
      const percent = await lab.percentCpu();
      await lab.ask('watch');
      return percent;
    },
  });
  const rates = HOME_TOPOLOGY.links.flatMap(({ rateMbit }) => (rateMbit === null ? [] : [rateMbit]));
  const sum = rates.reduce((all, rate) => all + rate, 0);
  const carried = figureOf(mbit).p50;
  if (carried < sum * LEAST_PART_OF_SUM) throw new Error(`Void: the transfer had ${carried.toFixed(1)} of ${sum} Mbit/s`);

  const unwatched = (samples: number[]) => ({ what: 'the same without evidence', figure: figureOf(samples) });
  return [
    {
      what: `Evidence and packets of a transfer, ${carried.toFixed(0)} Mbit/s`,
      unit: '% CPU',
      measured: figureOf(transfer.watched),
      baseline: unwatched(transfer.unwatched),
      target: { kind: 'at-most-over-baseline', value: 2 },
    },
    {
      what: 'Evidence and packets of a program that waits',
      unit: '% CPU',
      measured: figureOf(waiting.watched),
      baseline: unwatched(waiting.unwatched),
      target: { kind: 'at-most-over-baseline', value: 0.2 },
    },
    await idleRow(quiet),
  ];
}

/** A session whose run is over keeps its lab. */
async function idleRow(quiet: Quiet): Promise<Row> {
  await using without = await startRunnerProcess({ LABS_WARM: '0' });
  await using idle = await startRunnerProcess({ LABS_WARM: '0' });
  await using client = await openClient(idle.address, { mayWait: true });
  await client.run('client', 'python', { 'client.py': 'print("hello")\n' });
  await untilLabsIdle(idle.pid, 1);
  await delay(WARM_UP_MS);
  const { lab, none } = await alternate(ROUNDS, quiet, {
    lab: () => percentCpu(idle.pid),
    none: () => percentCpu(without.pid),
  });
  return {
    what: 'A lab in which nothing runs, and its session',
    unit: '% CPU',
    measured: figureOf(lab),
    baseline: { what: 'runner without a lab', figure: figureOf(none) },
    target: { kind: 'at-most-over-baseline', value: 0.05 },
  };
}

type WatchedLab = AsyncDisposable & {
  /** Resolves with the bytes that the client has sent on both links so far. */
  ask(what: WatchedLabAsk): Promise<number>;
  percentCpu(): Promise<number>;
};

async function openWatchedLab(): Promise<WatchedLab> {
  const child = spawn(process.execPath, [join(import.meta.dirname, 'watched-lab.ts')], {
    stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
  });
  const exited = once(child, 'exit');
  const next = async (): Promise<WatchedLabAnswer> => {
    const [answer] = await Promise.race([
      once(child, 'message'),
      exited.then(([code]) => {
        throw new Error(`The lab that was to be watched ended with ${code}`);
      }),
    ]);
    return answer;
  };
  const first = await next();
  const { pid } = child;
  if (!('address' in first) || pid === undefined) throw new Error('Expected the address of the watched lab, found none');
  const page = new WebSocket(first.address);
  page.on('message', () => {});
  await once(page, 'open');
  return {
    async ask(what) {
      child.send(what);
      const answer = await next();
      return 'bytes' in answer ? answer.bytes : 0;
    },
    percentCpu: () => percentCpu(pid),
    async [Symbol.asyncDispose]() {
      page.terminate();
      child.disconnect();
      await exited;
    },
  };
}

/** Of one core, of a runner and what it observes with, over WINDOW_MS. */
async function percentCpu(pid: number): Promise<number> {
  const [before, startedAt] = [observingMs(pid), performance.now()];
  await delay(WINDOW_MS);
  const [after, elapsedMs] = [observingMs(pid), performance.now() - startedAt];
  return (100 * (after.runner + after.tools - before.runner - before.tools)) / elapsedMs;
}
