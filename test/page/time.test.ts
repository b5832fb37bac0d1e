import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import type { Browser, BrowserContextOptions, Locator } from 'playwright-core';
import { parseRecording } from '../../protocol/recording.ts';
import { eventually, startRunner } from '../lab/runner.ts';
import { missing } from '../require.ts';
import { launchBrowser } from './browser.ts';
import { buildSite } from './built-site.ts';
import { type LabPage, openLabPage } from './lab-page.ts';
import { type StaticServer, serveFolder } from './static-server.ts';

const BULK = 'measurements/bulk-c/';
const { events } = parseRecording(readFileSync('snippets/bulk-c/recordings/as-shown.json', 'utf8'));
/** What the server of the transfer prints each second. */
const seconds = events.flatMap((event) => (event.type === 'output' && /^ \d\.\d s: /.test(event.text) ? [event] : []));
const [, second, third, fourth] = seconds.map(({ at, text }) => ({ at, text: text.trim() }));
assert.ok(second !== undefined && third !== undefined && fourth !== undefined, 'the transfer is too short');
/** A moment in the middle, while both links carry data. */
const MIDDLE_MS = (third.at + fourth.at) / 2;
const LATE_MS = fourth.at + 100;
const CONNECTION = events.flatMap((event) =>
  event.type === 'mptcp-event' && event.event.kind === 'created' ? [event.event.token] : [],
)[0];
/** All of a lab is in sight: a terminal that is not does not draw. */
const TALL = { viewport: { width: 1440, height: 1600 } };
/** What a seek in the biggest recording may take of the page's one thread, its drawing included. */
const SEEK_MS = 50;
const SEEKS = 40;

const skip = await missing('chromium');
const skipLive = skip || (await missing('lab'));

describe('the time of a recording', { skip }, () => {
  let browser: Browser;
  let siteDir: string;
  let host: StaticServer;
  before(async () => {
    siteDir = await mkdtemp(join(tmpdir(), 'hello-site-'));
    await buildSite(siteDir, '/');
    host = await serveFolder(siteDir, '/');
    browser = await launchBrowser();
  });
  after(async () => {
    await browser.close();
    await host[Symbol.asyncDispose]();
    await rm(siteDir, { recursive: true });
  });

  const open = (path: string, options: BrowserContextOptions = TALL): Promise<LabPage> =>
    openLabPage(browser, new URL(`/${path}`, host.origin), options);

  test('stands at the end before anything is played, tells it, and its keys go from there', async () => {
    await using lab = await open(BULK);
    assert.match(await said(lab), /^\d\.\d s: Verdict: Multipath TCP\. The client ends: exit code 0/);
    await time(lab).press('Home');
    await saidSoon(lab, /^0\.0 s$/);
    await lab.verdict('Recording of .*The programs run');
    await lab.terminal('client').getByText('waiting for the server', { exact: true }).waitFor();
    await eventually('nothing is printed', async () => (await printed(lab, 'server')) === '');
    await time(lab).press('PageUp');
    await saidSoon(lab, /^0\.\d s: A subflow joins over cellular/);
    const atMark = await at(lab);
    // An arrow key goes a small step, and stops at what matters.
    await time(lab).press('ArrowRight');
    await eventually('it is a little later', async () => (await at(lab)) > atMark && (await at(lab)) < atMark + 200);
    await time(lab).press('PageDown');
    await saidSoon(lab, /^0\.\d s: A subflow joins/);
    await time(lab).press('End');
    await lab.verdict('Recording of .*Multipath TCP');
    await lab.shows('client', 'exit code 0 after');
  });

  test('at a moment all views agree, and before and after it they do not', async () => {
    await using lab = await open(BULK);
    await goTo(lab, MIDDLE_MS);
    await saidSoon(lab, /^\d\.\d s, after: A subflow joins/);
    // What the hosts said to each other at the start is past.
    assert.equal(await lab.page.locator('.network-map .signals').textContent(), '');
    await lab.shows('server', third.text);
    assert.ok(!(await printed(lab, 'server')).includes(fourth.text));
    assert.equal(await printed(lab, 'client'), '');
    await lab.terminal('client').getByText('running', { exact: true }).waitFor();
    await lab.verdict('Recording of .*The programs run');
    await told(lab, new RegExp(`Connection 0x${CONNECTION} goes over Wi-Fi and cellular\\.\\s*$`));
    // Its time counts from the client's start.
    assert.match(await chart(lab), /^\d\.\d s: Wi-Fi \d+\.\d Mbit\/s, cellular \d+\.\d Mbit\/s/);
    await lab.tab('Events').click();
    const lines = lab.page.getByRole('tabpanel', { name: 'Events' }).getByRole('listitem');
    await eventually('the last event is the subflow', async () =>
      /A subflow joins/.test((await lines.last().textContent()) ?? ''),
    );
    await lab.tab('Packets').click();
    const packets = lab.page.getByRole('listbox', { name: 'Packets' }).getByRole('option');
    await packets.filter({ hasText: 'MP_JOIN' }).first().waitFor();
    const early = await packets.count();

    await time(lab).press('End');
    await eventually('the last packets come', async () => (await packets.count()) > early);
    await told(lab, new RegExp(`Connection 0x${CONNECTION} is closed\\.\\s*$`));
    await lab.shows('client', 'exit code 0 after');
    await lab.shows('server', fourth.text);
    await lab.tab('Events').click();
    await eventually('the server has ended', async () => (await lines.last().textContent())?.includes('server ends') ?? false);

    await time(lab).press('Home');
    await eventually('the server has started at most', async () => (await lines.count()) <= 1);
    await lab.tab('Packets').click();
    await lab.page.getByText('No packet was captured until this moment.').waitFor();
    await eventually('nothing is printed', async () => (await printed(lab, 'server')) === '');
  });

  test('back and forth and then to the end shows what straight play shows', async () => {
    await using straight = await open('languages/python/');
    await straight.page.getByRole('button', { name: 'Let the server think for a second', exact: true }).click();
    await straight.button('Play').click();
    await straight.verdict('Recording of .*Multipath TCP');
    await straight.shows('client', 'exit code 0 after');
    await straight.shows('server', 'stopped, the client is done after');
    await straight.button('Play').waitFor();
    const wanted = await picture(straight);
    assert.match(wanted, /hello from python[\s\S]*exit code 0 after[\s\S]*Multipath TCP/);

    await using lab = await open('languages/python/');
    await lab.page.getByRole('button', { name: 'Let the server think for a second', exact: true }).click();
    await lab.button('Play').click();
    await lab.button('Pause').click();
    for (const part of [0.9, 0.1, 0.5, 0, 0.95, 0.4, 1, 0.02, 0.7]) await goTo(lab, part * 1100);
    await time(lab).press('End');
    await pictureIs(lab, wanted);
  });

  test('plays at the speed that is chosen, stands still when paused, and goes on', async () => {
    await using lab = await open(BULK);
    await lab.page.getByLabel('Speed').selectOption('1/20×');
    await lab.button('Play').click();
    await saidSoon(lab, /^0\.1 s/);
    await time(lab).press(' ');
    await lab.button('Play').waitFor();
    const pausedAt = await at(lab);
    await lab.page.evaluate(() => new Promise((resolve) => setTimeout(resolve, 200)));
    assert.equal(await at(lab), pausedAt);
    await lab.page.getByLabel('Speed').selectOption('5×');
    const startedAt = performance.now();
    await lab.button('Play').click();
    await lab.shows('client', 'exit code 0 after');
    const tookMs = performance.now() - startedAt;
    assert.ok(tookMs > 900 && tookMs < 4500, `the transfer took ${tookMs} ms`);
    // Play at the end begins anew.
    await lab.button('Play').click();
    await eventually('it starts again', async () => (await at(lab)) < LATE_MS);
  });

  test('is dragged with the pointer, and with a finger on a phone', async () => {
    await using lab = await open(BULK);
    const box = (await time(lab).boundingBox()) ?? assert.fail('there is no slider');
    await lab.page.mouse.move(box.x + box.width - 9, box.y + box.height / 2);
    await lab.page.mouse.down();
    for (const part of [0.8, 0.6, 0.5]) await lab.page.mouse.move(box.x + box.width * part, box.y + box.height / 2);
    await saidSoon(lab, /^[23]\.\d s, after: /);
    await lab.page.mouse.up();
    await lab.verdict('Recording of .*The programs run');

    const phone = { viewport: { width: 390, height: 844 }, hasTouch: true, isMobile: true };
    await using small = await open(BULK, phone);
    const place = (await time(small).boundingBox()) ?? assert.fail('there is no slider');
    assert.ok(place.height >= 36 && place.width >= 100, JSON.stringify(place));
    await time(small).tap({ position: { x: place.width / 2, y: place.height / 2 } });
    await saidSoon(small, /^[23]\.\d s, after: /);
    assert.ok(await small.page.evaluate(() => document.documentElement.scrollWidth <= innerWidth));
  });

  test('a terminal that goes back is never seen empty or half written', async () => {
    await using lab = await open(BULK);
    await goTo(lab, LATE_MS);
    await lab.shows('server', fourth.text);
    const seen = await time(lab).evaluate(
      async (slider, [early, late]) => {
        if (!(slider instanceof HTMLInputElement)) throw new Error('the slider is none');
        const rows = document.querySelector('[data-host=server] .xterm-rows');
        const pictures = new Set<string>();
        // Its observer is told of a change after all else was done for a frame, right before it is painted.
        const probe = document.body.appendChild(document.createElement('div'));
        const observer = new ResizeObserver(() => {
          pictures.add([...(rows?.children ?? [])].map((row) => row.textContent.trim()).join('|'));
        });
        observer.observe(probe);
        for (let frame = 0; frame < 120; frame++) {
          if (frame % 3 === 0) {
            slider.value = String(frame % 2 === 0 ? early : late);
            slider.dispatchEvent(new Event('input', { bubbles: true }));
          }
          await new Promise(requestAnimationFrame);
          probe.style.height = `${frame % 2}px`;
        }
        observer.disconnect();
        probe.remove();
        return [...pictures];
      },
      [MIDDLE_MS, LATE_MS] as const,
    );
    const line = (text: string) => seen.filter((picture) => picture.includes(text)).length;
    assert.deepEqual([seen.length, line('listening'), line(second.text), line(fourth.text)], [2, 2, 2, 1], seen.join('\n'));
  });

  test(`a seek in the biggest recording takes less than ${SEEK_MS} ms`, async (t) => {
    await using lab = await open(BULK);
    await goTo(lab, MIDDLE_MS);
    await lab.shows('server', third.text);
    await lab.tab('Packets').click();
    await lab.page.getByRole('listbox', { name: 'Packets' }).waitFor();
    const devtools = await lab.page.context().newCDPSession(lab.page);
    await devtools.send('Performance.enable');
    const busyMs = async () => {
      const { metrics } = await devtools.send('Performance.getMetrics');
      return (metrics.find(({ name }) => name === 'ThreadTime')?.value ?? 0) * 1000;
    };
    for (const [view, open] of [
      ['packets', () => Promise.resolve()],
      ['throughput', () => lab.tab('Throughput').click()],
    ] as const) {
      await open();
      const before = await busyMs();
      // Never twice the same, and backward as often as forward.
      for (let index = 0; index < SEEKS; index++) await goTo(lab, index % 2 === 0 ? 200 + index * 75 : 5400 - index * 75);
      const tookMs = ((await busyMs()) - before) / SEEKS;
      t.diagnostic(`a seek took ${tookMs.toFixed(1)} ms of the page's thread, with the ${view} in sight`);
      assert.ok(tookMs < SEEK_MS, `${tookMs} ms`);
    }
  });

  test('who wants no motion gets the end at once in place of a run, and goes through it by key', async () => {
    await using lab = await open('languages/python/', { ...TALL, reducedMotion: 'reduce' });
    await lab.button('Run').click();
    await lab.notice('No runner behind this page.');
    await lab.shows('client', 'exit code 0 after');
    await time(lab).press('Home');
    await lab.verdict('Recording of .*The programs run');
    // The notice is about Run, and stays.
    await lab.notice('No runner behind this page.');
  });

  test('a run that is over can be seen again, with what was switched in it', { skip: skipLive }, async () => {
    await using runner = await startRunner({ SITE_DIR: siteDir });
    await using lab = await openLabPage(browser, new URL(BULK, runner.address), TALL);
    await lab.button('Run').click();
    await eventually('there is nothing to go back to', () => time(lab).isDisabled());
    await told(lab, /goes over Wi-Fi and cellular\.\s*$/);
    await lab.page.getByRole('button', { name: 'Cut Wi-Fi', exact: true }).click();
    await told(lab, /^Wi-Fi down\./);
    await lab.shows('client', 'exit code 0 after');
    await lab.shows('server', 'stopped, the client is done after');
    await lab.verdict('Multipath TCP');
    await eventually('the time can be used', async () => !(await time(lab).isDisabled()));
    const end = await picture(lab);
    await time(lab).press('Home');
    await lab.verdict('Your run of [0-9:]+, seen again');
    await told(lab, /^Wi-Fi up/);
    await eventually('a mark is the cut', async () => {
      await time(lab).press('PageUp');
      await lab.page.evaluate(() => new Promise(requestAnimationFrame));
      return /: Wi-Fi goes down/.test(await said(lab));
    });
    await told(lab, /^Wi-Fi down\./);
    await time(lab).press('End');
    await lab.verdict('Multipath TCP');
    await pictureIs(lab, end);
    // A switch is of what is there now.
    await time(lab).press('Home');
    await told(lab, /^Wi-Fi up/);
    await lab.page.getByRole('button', { name: 'Cut cellular', exact: true }).click();
    await told(lab, /^Wi-Fi down\. Cellular down\./);
  });
});

const time = (lab: LabPage): Locator => lab.page.getByRole('slider', { name: 'Time', exact: true });
const said = (lab: LabPage): Promise<string> => time(lab).getAttribute('aria-valuetext').then(String);
const at = (lab: LabPage): Promise<number> => time(lab).inputValue().then(Number);
const told = (lab: LabPage, text: RegExp) =>
  lab.page.getByRole('status', { name: 'Network in words' }).filter({ hasText: text }).waitFor({ state: 'attached' });
const chart = (lab: LabPage): Promise<string> =>
  lab.page.getByRole('slider', { name: 'Moment of the run' }).getAttribute('aria-valuetext').then(String);

async function saidSoon(lab: LabPage, words: RegExp): Promise<void> {
  await eventually(`the slider says ${words}`, async () => words.test(await said(lab)));
}

/** As a hand on the slider does, and until that was seen. */
async function goTo(lab: LabPage, atMs: number): Promise<void> {
  await time(lab).evaluate(async (slider, value) => {
    if (!(slider instanceof HTMLInputElement)) throw new Error('the slider is none');
    slider.value = String(value);
    slider.dispatchEvent(new Event('input', { bubbles: true }));
    // One frame for the moment, one for the network, which draws once a frame.
    for (let frame = 0; frame < 3; frame++) await new Promise(requestAnimationFrame);
  }, atMs);
}

async function printed(lab: LabPage, host: 'client' | 'server'): Promise<string> {
  return (await lab.terminal(host).getByRole('listitem').allTextContents()).join('\n').trim();
}

async function pictureIs(lab: LabPage, wanted: string): Promise<void> {
  await eventually('it is as before', async () => (await picture(lab)) === wanted).catch(async (cause) => {
    throw new Error(`Expected\n${wanted}\nfound\n${await picture(lab)}`, { cause });
  });
}

/** What can be read in the lab: terminals, verdict, network, and the words of the time. */
async function picture(lab: LabPage): Promise<string> {
  const read = (name: string) => lab.page.getByRole('status', { name, exact: true }).textContent();
  return [
    await printed(lab, 'server'),
    await printed(lab, 'client'),
    await read('Verdict'),
    await read('Network in words'),
    await said(lab),
    (await lab.page.locator('.network-events').allTextContents()).join(''),
  ].join('\n');
}
