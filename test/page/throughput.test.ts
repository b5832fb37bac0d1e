import assert from 'node:assert/strict';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import type { Browser } from 'playwright-core';
import { byTime, parseRecording, type RecordedEvent, type Recording } from '../../protocol/recording.ts';
import { startRunner, type TestRunner } from '../lab/runner.ts';
import { missing } from '../require.ts';
import { launchBrowser } from './browser.ts';
import { buildSite } from './built-site.ts';
import { type LabPage, openLabPage } from './lab-page.ts';
import { watchSmoothness } from './smoothness.ts';

/** A link that carries more than this is in use; headers and single attempts stay far below. */
const IN_USE_MBIT = 1;
/** Wi-Fi alone carries 20 Mbit/s, and a little more with the acknowledgements that come back. */
const MORE_THAN_WIFI_MBIT = 21;

const TEN_MINUTES_OF_LOOKS = 6_000;

const skip = (await missing('chromium')) || (await missing('lab'));

describe('the throughput of a run', { skip }, () => {
  let browser: Browser;
  let siteDir: string;
  let runner: TestRunner;
  before(async () => {
    siteDir = await mkdtemp(join(tmpdir(), 'hello-site-'));
    await buildSite(siteDir, '/');
    runner = await startRunner({ SITE_DIR: siteDir });
    browser = await launchBrowser();
  });
  after(async () => {
    await browser.close();
    await runner[Symbol.asyncDispose]();
    await rm(siteDir, { recursive: true });
  });

  const open = (path: string): Promise<LabPage> => openLabPage(browser, new URL(path, runner.address));
  const moment = (lab: LabPage) => lab.page.getByRole('slider', { name: 'Moment of the run' });

  test('both links carry more than either, and after Wi-Fi is cut cellular goes on alone to a good end', async (t) => {
    await using lab = await open('measurements/bulk-python/');
    await lab.button('Run').click();
    await readout(
      lab,
      ({ wifi, cellular, together }) => wifi > IN_USE_MBIT && cellular > IN_USE_MBIT && together > MORE_THAN_WIFI_MBIT,
    );
    // From here on the chart is shown; what Run loads and opens came before.
    await lab.page.evaluate(() => {
      new PerformanceObserver((list) => {
        const longest = Math.max(Number(document.body.dataset['longTaskMs'] ?? 0), ...list.getEntries().map((e) => e.duration));
        document.body.dataset['longTaskMs'] = String(longest);
      }).observe({ type: 'longtask' });
    });
    await lab.page.getByRole('button', { name: 'Cut Wi-Fi', exact: true }).click();
    await readout(lab, ({ wifi, cellular }) => wifi === 0 && cellular > IN_USE_MBIT);
    await lab.shows('client', 'SHA-256 is the same at both ends');
    await lab.shows('client', 'exit code 0 after');
    await lab.verdict('Multipath TCP');
    await lab.page.getByText(/Longest time without data: \d\.\d s|It never stood still/).waitFor();
    await lab.page.getByRole('tab', { name: 'Events' }).click();
    const events = lab.page.getByRole('tabpanel', { name: 'Events' });
    await events
      .getByText(/ sent again$/)
      .first()
      .waitFor();
    await events
      .getByText(/ sent again over another subflow$/)
      .first()
      .waitFor();
    const longest = await lab.page.evaluate(() => document.body.dataset['longTaskMs'] ?? '0');
    t.diagnostic(`the longest task while the chart was shown took ${longest} ms (0: none over 50 ms)`);
  });

  test('a recording tells its throughput, and the arrow keys read it moment by moment', async () => {
    await using lab = await open('measurements/bulk-python/');
    await lab.button('Play').click();
    await lab.shows('client', 'SHA-256 is the same at both ends');
    await moment(lab).press('Home');
    const first = await moment(lab).getAttribute('aria-valuetext');
    assert.match(first ?? '', /^0\.\d s: Wi-Fi \d+\.\d Mbit\/s, cellular \d+\.\d Mbit\/s, together \d+\.\d Mbit\/s/);
    for (let step = 0; step < 20; step++) await moment(lab).press('ArrowRight');
    const [, seconds, together] = /^(\d\.\d) s: .* together (\d+\.\d)/.exec((await text(lab)) ?? '') ?? [];
    assert.ok(Number(seconds) > 1 && Number(together) > 20, await text(lab));
    await lab.page.getByRole('columnheader', { name: `at ${seconds} s` }).waitFor();
    await moment(lab).press('Escape');
    await lab.page.getByRole('columnheader', { name: 'last 0.5 s' }).waitFor();
  });

  test('ten minutes of a run move as smoothly as its beginning, and nothing piles up in the page', async (t) => {
    await using lab = await open('measurements/bulk-python/');
    const long = await longRecording();
    await lab.page.route('**/recordings/bulk-python/*.json', (route) => route.fulfill({ json: long }));
    const smoothness = await watchSmoothness(lab.page);
    await lab.tab('Throughput').click();
    await lab.button('Play').click();
    await moment(lab).waitFor();
    const time = lab.page.getByRole('slider', { name: 'Time', exact: true });
    const playedFrom = async (part: number) => {
      await time.evaluate((slider: HTMLInputElement, wanted) => {
        slider.value = String(Number(slider.max) * wanted);
        slider.dispatchEvent(new Event('input', { bubbles: true }));
      }, part);
      await lab.page.evaluate(() => new Promise(requestAnimationFrame));
      await smoothness.begin();
      await lab.page.waitForTimeout(2_000);
      const { framesMs, seconds } = await smoothness.end();
      return { framesPerSecond: framesMs.length / seconds, ...(await smoothness.kept()) };
    };
    // What else the machine does falls on one or the other: the best of each counts.
    const rounds: Record<'early' | 'late', Awaited<ReturnType<typeof playedFrom>>>[] = [];
    for (let round = 0; round < 3; round++) rounds.push({ early: await playedFrom(0.05), late: await playedFrom(0.95) });
    const frames = (when: 'early' | 'late') => Math.max(...rounds.map((round) => round[when].framesPerSecond));
    t.diagnostic(`${frames('early').toFixed(0)} frames a second at the beginning, ${frames('late').toFixed(0)} at the end`);
    assert.ok(frames('late') > frames('early') * 0.75, JSON.stringify(rounds));
    const [first, last] = [rounds[0]?.early, rounds[2]?.late];
    assert.ok(last !== undefined && first !== undefined && last.nodes < first.nodes + 200, JSON.stringify(rounds));
    assert.ok(last.heapBytes < first.heapBytes + 5e6, JSON.stringify(rounds));
  });

  test('the chart of a run that is over can be opened later, and Reset takes it away', async () => {
    await using lab = await open('languages/python/');
    await lab.button('Run').click();
    await lab.verdict('Multipath TCP');
    await lab.tab('Throughput').click();
    await moment(lab).waitFor();
    await lab.button('Reset').click();
    await lab.page.getByText('What each link carries is drawn here while programs run.').waitFor();
    assert.equal(await moment(lab).count(), 0);
  });

  const text = (lab: LabPage): Promise<string> => moment(lab).getAttribute('aria-valuetext').then(String);
});

/** The recording of this snippet, with its transfer going on for ten minutes at both links' rates. */
async function longRecording(): Promise<Recording> {
  const recording = parseRecording(await readFile('snippets/bulk-python/recordings/as-shown.json', 'utf8'));
  const evidence = recording.events.find((event) => event.type === 'evidence');
  const startMs = recording.events.find((event) => event.type === 'traffic')?.at;
  if (evidence === undefined || startMs === undefined) throw new Error('Expected a recording with evidence and traffic');
  const looks = Array.from({ length: TEN_MINUTES_OF_LOOKS }, (_, look): RecordedEvent => {
    const links = {
      wifi: { sentBytes: look * 250_000, receivedBytes: look * 3_000 },
      cellular: { sentBytes: look * 125_000, receivedBytes: look * 1_500 },
    };
    return { ...evidence, at: startMs + look * 100, evidence: { ...evidence.evidence, links } };
  });
  const others = recording.events.filter(({ type, at }) => type !== 'traffic' && at < evidence.at);
  const end = recording.events
    .filter(({ type, at }) => type !== 'traffic' && at >= evidence.at)
    .map((event) => ({ ...event, at: event.at + TEN_MINUTES_OF_LOOKS * 100 }));
  return { ...recording, events: byTime([...others, ...looks, ...end]) };
}

type Rates = { wifi: number; cellular: number; together: number };

/** Resolves once the rates that the page tells, in Mbit/s, are so. All are of one moment. */
async function readout(lab: LabPage, holds: (rates: Rates) => boolean): Promise<void> {
  const words = /Wi-Fi ([\d.]+) Mbit\/s, cellular ([\d.]+) Mbit\/s, together ([\d.]+) Mbit\/s/;
  const deadline = performance.now() + 15_000;
  for (;;) {
    const said = await lab.page.evaluate(() => document.querySelector('[role=slider]')?.getAttribute('aria-valuetext') ?? '');
    const [, wifi, cellular, together] = (words.exec(said) ?? []).map(Number);
    if (wifi !== undefined && cellular !== undefined && together !== undefined && holds({ wifi, cellular, together })) return;
    if (performance.now() > deadline) throw new Error(`Waited 15 s for other rates than "${said}"`);
    await lab.page.evaluate(() => new Promise(requestAnimationFrame));
  }
}
