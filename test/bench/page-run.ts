import { setTimeout as delay } from 'node:timers/promises';
import { launchBrowser } from '../page/browser.ts';
import { type LabPage, openLabPage } from '../page/lab-page.ts';
import { type Seen, watchSmoothness } from '../page/smoothness.ts';
import { type Figure, figureOf } from './figure.ts';
import type { Place } from './place.ts';
import type { Row } from './row.ts';
import { startRunnerProcess } from './runner-process.ts';

const IDLE_SECONDS = 10;
/** What the first seconds bring that a long run does not: the page loads what it shows, and the lab is made. */
const SETTLE_MS = 5_000;
/** More than either program needs of its own. */
const SPARE_SECONDS = 60;
const TARGET_FRAMES = 60;
const TARGET_TASK_MS = 100;

/** A page that shows a bulk transfer, its chart in front, for so many seconds; then one whose terminal is flooded as well. */
export async function pageRunRows({ seconds }: Place): Promise<Row[]> {
  await using runner = await startRunnerProcess({
    RUN_SECONDS: String(seconds + SPARE_SECONDS),
    RUN_CPU_SECONDS: String(seconds + SPARE_SECONDS),
    RUN_OUTPUT_MIB: '4096',
  });
  await using browser = await launchBrowser();
  const open = () => openLabPage(browser, new URL('measurements/bulk-python/', runner.address));
  return [...(await bulkRows(await open(), seconds)), ...(await floodRows(await open()))];
}

async function bulkRows(opened: LabPage, seconds: number): Promise<Row[]> {
  await using lab = opened;
  const smoothness = await watchSmoothness(lab.page);
  await lab.replace('client.py', 'SECONDS = 5', `SECONDS = ${seconds + SPARE_SECONDS / 2}`);
  await lab.tab('Throughput').click();
  await smoothness.begin();
  await delay(IDLE_SECONDS * 1000);
  const idle = await smoothness.end();

  await lab.button('Run').click();
  await lab.page.getByRole('slider', { name: 'Moment of the run' }).waitFor();
  await delay(SETTLE_MS);
  await smoothness.begin();
  await delay((seconds * 1000) / 2);
  const firstHalf = await smoothness.end();
  // To collect the garbage stops the page: that is none of its own tasks.
  const half = await smoothness.kept();
  await smoothness.begin();
  await delay((seconds * 1000) / 2);
  const seen = joined(firstHalf, await smoothness.end());
  const late = await smoothness.kept();
  const inMb = (bytes: number): Figure => figureOf([bytes / 1e6]);
  return [
    ...smoothRows(`Page, a transfer for ${seconds} s`, seen, idle),
    {
      what: `Page, a transfer for ${seconds} s: memory kept`,
      unit: 'MB',
      measured: inMb(late.heapBytes),
      baseline: { what: 'in the middle of it', figure: inMb(half.heapBytes) },
      target: { kind: 'at-most-over-baseline', value: 5 },
    },
    {
      what: `Page, a transfer for ${seconds} s: nodes kept`,
      unit: 'nodes',
      measured: figureOf([late.nodes]),
      baseline: { what: 'in the middle of it', figure: figureOf([half.nodes]) },
      target: { kind: 'at-most-over-baseline', value: 500 },
    },
  ];
}

/** The client prints as fast as it can beside its transfer. */
async function floodRows(opened: LabPage): Promise<Row[]> {
  await using lab = opened;
  const smoothness = await watchSmoothness(lab.page);
  await lab.replace('client.py', 'SECONDS = 5', `SECONDS = ${IDLE_SECONDS + SPARE_SECONDS}`);
  await lab.replace('client.py', 'block = os.urandom(16384)', 'block = os.urandom(16384); print("flood " * 2000)');
  await lab.tab('Throughput').click();
  await smoothness.begin();
  await delay(IDLE_SECONDS * 1000);
  const idle = await smoothness.end();
  await lab.button('Run').click();
  await lab.page.getByRole('slider', { name: 'Moment of the run' }).waitFor();
  await delay(SETTLE_MS);
  await smoothness.begin();
  await delay(IDLE_SECONDS * 1000);
  return smoothRows('Page, a transfer and a flooded terminal', await smoothness.end(), idle);
}

function joined(first: Seen, second: Seen): Seen {
  return {
    seconds: first.seconds + second.seconds,
    framesMs: [...first.framesMs, ...second.framesMs],
    longTasksMs: [...first.longTasksMs, ...second.longTasksMs],
  };
}

function smoothRows(what: string, seen: Seen, idle: Seen): Row[] {
  const frames = ({ framesMs, seconds }: Seen) => figureOf([framesMs.length / seconds]);
  const longest = ({ longTasksMs }: Seen) => figureOf([Math.max(0, ...longTasksMs)]);
  const still = 'the page, still';
  return [
    {
      what: `${what}: frames`,
      unit: '/s',
      measured: frames(seen),
      baseline: { what: still, figure: frames(idle) },
      target: { kind: 'at-least', value: TARGET_FRAMES - 1 },
    },
    {
      what: `${what}: from frame to frame`,
      unit: 'ms',
      measured: figureOf(seen.framesMs),
      baseline: { what: still, figure: figureOf(idle.framesMs) },
      target: null,
    },
    {
      what: `${what}: longest task`,
      unit: 'ms',
      measured: longest(seen),
      baseline: { what: still, figure: longest(idle) },
      target: { kind: 'less-than', value: TARGET_TASK_MS },
    },
  ];
}
