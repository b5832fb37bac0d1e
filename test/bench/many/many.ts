import { setTimeout as sleep } from 'node:timers/promises';
import { figureOf } from '../figure.ts';
import { untilLabsIdle } from '../idle-labs.ts';
import type { Place } from '../place.ts';
import { proportionalBytes } from '../processes.ts';
import type { Row } from '../row.ts';
import { startRunnerProcess } from '../runner-process.ts';
import { holdClass } from './class.ts';
import { faultOf } from './expected.ts';
import { makeLabs } from './labs-alive.ts';
import { openLearner } from './learner.ts';
import { openAndClose } from './sessions.ts';
import { tracesOf } from './traces.ts';

/** Compiled ahead: the cheapest to run. `--languages python` takes another one. */
const SNIPPET = 'c';

const LEARNERS = 200;
const EVERY_MS = 10_000;
const BULKS = 5;
const CLASS_MS = 180_000;

const LABS_ALIVE = 500;

const SESSIONS = 10_000;
const TOGETHER = 8;
const LAB_EVERY = 10;

const CLICKERS = 8;
const CLICKING_MS = 10_000;

/** A class of 200 in front of one runner, 500 labs alive, 10,000 sessions that come and go. */
export async function manyRows({ languages }: Place): Promise<Row[]> {
  const snippet = languages[0] ?? SNIPPET;
  return [...(await classRows(snippet)), await mostRow(snippet), await aliveRow(), ...(await sessionRows(snippet))];
}

/** @throws Error when a run did not come out as it must, down to its last byte */
async function classRows(snippet: string): Promise<Row[]> {
  const plan = { learners: LEARNERS, snippet, everyMs: EVERY_MS, bulks: BULKS, durationMs: CLASS_MS };
  await using runner = await startRunnerProcess({ LABS: String(LEARNERS + BULKS), LABS_WARM: '2' });
  const { firstByteMs, verdictMs, hellos, transfers, faults, memory, runnerBytes } = await holdClass(runner, plan);
  if (faults.length > 0) throw new Error(`${faults.length} of ${hellos} hellos and ${transfers} transfers failed: ${faults[0]}`);

  const sessions = LEARNERS + BULKS;
  const { before, idle } = memory;
  const what = `${LEARNERS} learners, a hello of ${snippet} each ${EVERY_MS / 1000} s, ${BULKS} transfers`;
  const third = Math.ceil(runnerBytes.length / 3);
  const growth = Math.min(...runnerBytes.slice(-third)) - Math.min(...runnerBytes.slice(0, third));
  const grown = { runner: idle.runner - before.runner, started: idle.started - before.started };
  return [
    {
      what: `${what}: click to the client's first byte`,
      ...{ unit: 'ms', measured: figureOf(firstByteMs), baseline: null },
      target: { kind: 'less-than', value: 300, p99: 2_000 },
    },
    { what: '… click to the final verdict', unit: 'ms', measured: figureOf(verdictMs), baseline: null, target: null },
    megabytes('… runner, for each idle session', grown.runner / sessions, 1e6),
    megabytes(
      '… in all, for each idle session with its lab',
      (grown.runner + grown.started + idle.kernel - before.kernel) / sessions,
      12e6,
    ),
    // Compiled code and what is kept for pages that come back: bounded, and full after a while.
    megabytes('… runner, growth from the first third to the last', Math.max(0, growth), 50e6),
  ];
}

/** Clicks as fast as they come, which is what a runner can take at most. */
async function mostRow(snippet: string): Promise<Row> {
  await using runner = await startRunnerProcess({ LABS: String(CLICKERS), LABS_WARM: '0' });
  const learners = await Promise.all(Array.from({ length: CLICKERS }, () => openLearner(runner.address)));
  for (const learner of learners) await learner.click(snippet);
  const startedAt = performance.now();
  let clicks = 0;
  const clickOn = async (learner: (typeof learners)[number]) => {
    while (performance.now() < startedAt + CLICKING_MS) {
      const fault = faultOf(snippet, await learner.click(snippet));
      if (fault !== null) throw new Error(fault);
      clicks++;
    }
  };
  await Promise.all(learners.map(clickOn));
  const seconds = (performance.now() - startedAt) / 1000;
  for (const learner of learners) await learner[Symbol.asyncDispose]();
  return {
    what: `Hellos of ${snippet} at most, client and server each`,
    ...{ unit: '/s', measured: figureOf([clicks / seconds]), baseline: null, target: null },
  };
}

async function aliveRow(): Promise<Row> {
  const times = await makeLabs(LABS_ALIVE);
  const some = 20;
  return {
    what: `Lab: creation, beside ${LABS_ALIVE - some} others`,
    ...{ unit: 'ms', measured: figureOf(times.slice(-some)) },
    baseline: { what: 'the first ones', figure: figureOf(times.slice(0, some)) },
    target: { kind: 'at-most-times-baseline', value: 2 },
  };
}

/** @throws Error with both counts when something is left that was not there before */
async function sessionRows(snippet: string): Promise<Row[]> {
  const plan = { sessions: SESSIONS, together: TOGETHER, labEvery: LAB_EVERY, snippet };
  await using runner = await startRunnerProcess({ LABS: String(TOGETHER), LABS_WARM: '0' });
  // What a runner learns once is not counted, nor what V8 lets lie until it is worth its while.
  await openAndClose(runner.address, { ...plan, labEvery: SESSIONS / CLICKERS });
  const seen = async () => {
    await untilLabsIdle(runner.pid, 0);
    await sleep(1_000);
    return { traces: tracesOf(runner.pid), bytes: proportionalBytes(runner.pid) };
  };
  const before = await seen();
  await openAndClose(runner.address, plan);
  const after = await seen();
  const [had, has] = [JSON.stringify(before.traces), JSON.stringify(after.traces)];
  if (had !== has) throw new Error(`After ${SESSIONS} sessions: expected ${had}, found ${has}`);
  return [
    {
      what: `Memory: runner, after ${SESSIONS} sessions, ${SESSIONS / LAB_EVERY} of them with a lab`,
      ...{ unit: 'MB', measured: figureOf([after.bytes / 1e6]) },
      baseline: { what: 'before them', figure: figureOf([before.bytes / 1e6]) },
      target: { kind: 'at-most-over-baseline', value: 20 },
    },
  ];
}

function megabytes(what: string, bytes: number, lessThanBytes: number): Row {
  const target = { kind: 'less-than', value: lessThanBytes / 1e6 } as const;
  return { what, unit: 'MB', measured: figureOf([bytes / 1e6]), baseline: null, target };
}
