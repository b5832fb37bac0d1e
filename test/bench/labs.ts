import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { imagePlaces } from '../../image/location.ts';
import { holderCommand } from '../../runner/lab/holder.ts';
import type { Lab } from '../../runner/lab/lab.ts';
import { labMaker } from '../../runner/lab/maker.ts';
import { type Client, openClient } from './client.ts';
import { alternate, figureOf } from './figure.ts';
import { untilLabsIdle } from './idle-labs.ts';
import type { Place } from './place.ts';
import { descendantsOf, proportionalBytes } from './processes.ts';
import type { Quiet } from './quiet.ts';
import type { Row } from './row.ts';
import { startRunnerProcess } from './runner-process.ts';

const ROUNDS = 20;
const LABS = 10;

/** A lab is made ahead of need: what counts is that a full pool is not long in coming, and what labs keep of the memory. */
export async function labRows({ quiet }: Place): Promise<Row[]> {
  return [...(await lifeRows(quiet)), ...(await memoryRows())];
}

async function lifeRows(quiet: Quiet): Promise<Row[]> {
  const maker = labMaker(imagePlaces());
  // The first one also finds out whether there is netem.
  await (await maker.make()).close();
  let lab: Lab | null = null;
  const { holder, creation, close } = await alternate(ROUNDS, quiet, {
    holder: timeOfEmptyHolder,
    creation: () => timed(async () => (lab = await maker.make())),
    close: () => timed(async () => lab?.close()),
  });
  return [
    {
      what: 'Lab: creation',
      unit: 'ms',
      measured: figureOf(creation),
      baseline: { what: 'its holder, start to end', figure: figureOf(holder) },
      target: null,
    },
    { what: 'Lab: close', unit: 'ms', measured: figureOf(close), baseline: null, target: null },
  ];
}

/** The process that holds a lab, with nothing to do: its shell ends at once, since its input does. */
async function timeOfEmptyHolder(): Promise<number> {
  const [program = '', ...args] = holderCommand({ ...imagePlaces(), uid: null });
  return timed(async () => {
    const holder = spawn(program, args, { stdio: ['ignore', 'ignore', 'inherit', 'ignore', 'ignore', 'pipe'] });
    const [code] = await once(holder, 'exit');
    if (code !== 0) throw new Error(`Expected exit code 0 of an empty holder, found ${code}`);
  });
}

/** Of a runner that has served as many sessions before, so that what it learns once is not counted. */
async function memoryRows(): Promise<Row[]> {
  await using runner = await startRunnerProcess({ LABS: String(LABS), LABS_WARM: '0' });
  await (await openLabs(runner.address)).close();
  await untilLabsIdle(runner.pid, 0);
  const before = proportionalBytes(runner.pid);

  const sessions = await openLabs(runner.address);
  await untilLabsIdle(runner.pid, LABS);
  const own = proportionalBytes(runner.pid);
  const processes = descendantsOf(runner.pid).reduce((sum, { pid }) => sum + proportionalBytes(pid), 0);
  await sessions.close();

  const row = (what: string, bytes: number, baseline: Row['baseline']): Row => ({
    what,
    unit: 'MB',
    measured: figureOf([bytes / 1e6]),
    baseline,
    target: null,
  });
  return [
    row(`Memory: runner, ${LABS} sessions with labs`, own, { what: 'runner, none open', figure: figureOf([before / 1e6]) }),
    row('Memory: runner, for each lab', (own - before) / LABS, null),
    row('Memory: processes of a lab, for each lab', processes / LABS, null),
  ];
}

/** A session takes its lab at its first run. */
async function openLabs(address: string): Promise<{ close(): Promise<void> }> {
  const clients: Client[] = [];
  for (let lab = 0; lab < LABS; lab++) {
    const client = await openClient(address, { mayWait: true });
    clients.push(client);
    await client.run('client', 'python', { 'client.py': 'print("hello")\n' });
  }
  return {
    async close() {
      for (const client of clients) await client[Symbol.asyncDispose]();
    },
  };
}

async function timed(action: () => Promise<unknown>): Promise<number> {
  const startedAt = performance.now();
  await action();
  return performance.now() - startedAt;
}
