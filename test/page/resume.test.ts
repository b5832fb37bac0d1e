import assert from 'node:assert/strict';
import { mkdtemp, rm } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import type { Browser } from 'playwright-core';
import { eventually, startRunner, type TestRunner } from '../lab/runner.ts';
import { missing } from '../require.ts';
import { openWire, type Wire } from '../wire.ts';
import { launchBrowser } from './browser.ts';
import { buildSite } from './built-site.ts';
import { type LabPage, openLabPage } from './lab-page.ts';

/** The network is gone for so long, while a program prints two lines a second. */
const GONE_MS = 20_000;
const LINES = 50;
/** Of the wheel: six lines, where a terminal shows eight. */
const TURN_PX = 340;

const skip = (await missing('chromium')) || (await missing('lab'));

describe('a page whose network is lost', { skip }, () => {
  let browser: Browser;
  let siteDir: string;
  let wire: Wire;
  let runner: TestRunner;
  before(async () => {
    siteDir = await mkdtemp(join(tmpdir(), 'hello-site-'));
    await buildSite(siteDir, '/');
    wire = await openWire();
    runner = await startRunner({ SITE_DIR: siteDir, PUBLIC_ORIGINS: wire.origin });
    wire.leadTo(runner.address);
    browser = await launchBrowser();
  });
  after(async () => {
    await browser.close();
    await wire[Symbol.asyncDispose]();
    await runner[Symbol.asyncDispose]();
    await rm(siteDir, { recursive: true });
  });

  const open = () => openLabPage(browser, new URL('languages/python/', wire.origin));
  const isLost = (lab: LabPage) =>
    lab.page.getByRole('status', { name: 'Connection' }).getByText('Connection lost. Trying again…');
  /** The network breaks, and nobody answers at its other end. */
  const breakDown = async (lab: LabPage) => {
    wire.leadTo(await nobody());
    wire.cut();
    await isLost(lab).waitFor();
  };

  test(`for ${GONE_MS / 1000} s goes on as if it had not been: all output once and in order, scrollback, verdict`, async () => {
    await using lab = await open();
    await lab.append('client.py', `\nimport time\nfor number in range(${LINES}): print("line", number); time.sleep(0.5)`);
    await lab.button('Run').click();
    await lab.shows('client', 'line 9');
    wire.freeze();
    await new Promise((resolve) => setTimeout(resolve, GONE_MS));
    assert.equal(await isLost(lab).count(), 1);
    assert.doesNotMatch((await lab.terminal('client').getByRole('listitem').allTextContents()).join('\n'), /exit code/);
    wire.thaw();
    await lab.shows('client', 'exit code 0 after');
    assert.equal(await isLost(lab).count(), 0);
    await lab.verdict('Multipath TCP');
    assert.deepEqual(
      await linesOf(lab),
      Array.from({ length: LINES }, (_, number) => number),
    );
  });

  test('keeps what is typed meanwhile, and the program gets it', async () => {
    await using lab = await open();
    await lab.append('client.py', '\nprint("typed", input("? ")[::-1])');
    await lab.button('Run').click();
    await lab.shows('client', '?');
    await breakDown(lab);
    await lab.page.getByRole('textbox', { name: 'Client terminal' }).focus();
    await lab.page.keyboard.type('abc\n');
    wire.leadTo(runner.address);
    await lab.shows('client', 'typed cba');
    await lab.shows('client', 'exit code 0');
    await lab.verdict('Multipath TCP');
    assert.equal(await isLost(lab).count(), 0);
  });

  test('tries at once when the browser has a network again', async () => {
    await using lab = await open();
    await lab.append('client.py', '\ninput("waiting ")');
    await lab.button('Run').click();
    await lab.shows('client', 'waiting');
    // In the middle of an attempt that nobody answers, and would give up after seconds.
    wire.freeze();
    wire.cut();
    await isLost(lab).waitFor();
    await lab.page.waitForTimeout(1_500);
    wire.cut();
    wire.thaw();
    const backAt = performance.now();
    await lab.page.evaluate(() => dispatchEvent(new Event('online')));
    await isLost(lab).waitFor({ state: 'detached' });
    assert.ok(performance.now() - backAt < 1_000, `${performance.now() - backAt} ms`);
  });

  test('is told when the runner has given its session up; its code is kept, and Run starts anew', async () => {
    await using impatient = await startRunner({ SITE_DIR: siteDir, PUBLIC_ORIGINS: wire.origin, RESUME_SECONDS: '1' });
    wire.leadTo(impatient.address);
    await using lab = await open();
    await lab.append('client.py', '\ninput("waiting ")');
    await lab.button('Run').click();
    await lab.shows('client', 'waiting');
    await breakDown(lab);
    await eventually('the lab is given back', async () => (await impatient.status()).labs.open === 0);
    wire.leadTo(impatient.address);
    await lab.notice('The runner has given this session up. Run starts anew.');
    await lab.shows('client', 'connection lost');
    assert.equal(await isLost(lab).count(), 0);
    await lab.button('Run').click();
    await lab.shows('client', 'waiting');
    wire.leadTo(runner.address);
  });

  test('or whose runner is about to end is told so, and the next Run goes on elsewhere with the code as it is', async () => {
    await using ending = await startRunner({ SITE_DIR: siteDir, PUBLIC_ORIGINS: wire.origin });
    wire.leadTo(ending.address);
    await using lab = await open();
    await lab.append('client.py', '\nprint("typed", input("waiting ")[::-1])');
    await lab.button('Run').click();
    await lab.shows('client', 'waiting');
    const drained = ending.drain();
    await lab.notice('This runner is about to end.');
    await lab.page.getByRole('textbox', { name: 'Client terminal' }).focus();
    await lab.page.keyboard.type('abc\n');
    await lab.shows('client', 'typed cba');
    await lab.verdict('Multipath TCP');
    await drained;
    wire.leadTo(runner.address);
    await lab.button('Run').click();
    await lab.shows('client', 'waiting');
    assert.equal((await runner.status()).labs.open, 1);
  });

  test('and that is loaded again begins anew: its lab ends at once', async () => {
    await using lab = await open();
    await lab.append('client.py', '\ninput("waiting ")');
    await lab.button('Run').click();
    await lab.shows('client', 'waiting');
    assert.equal((await runner.status()).labs.open, 1);
    await lab.page.reload();
    await eventually('no lab is open', async () => (await runner.status()).labs.open === 0);
    await lab.verdict('Recording of');
  });
});

/** The numbers of all lines that the client's terminal has, from the first to the last, as a visitor finds them who scrolls. */
async function linesOf(lab: LabPage): Promise<number[]> {
  await lab.terminal('client').hover();
  const shown = async () =>
    (await lab.terminal('client').getByRole('listitem').allTextContents()).flatMap((text) => /^line (\d+)/.exec(text)?.[1] ?? []);
  let found: string[] = [];
  for (;;) {
    const view = await shown();
    // A turn of the wheel leaves some of what was shown before, below what is new.
    const rest = found.slice(view.includes(found[0] ?? '') ? view.length - view.indexOf(found[0] ?? '') : 0);
    found = [...view, ...rest];
    if (view.includes('0') || view.length === 0) return found.map(Number);
    await lab.page.mouse.wheel(0, -TURN_PX);
    await eventually('the terminal has scrolled', async () => (await shown())[0] !== view[0]);
  }
}

/** Where nobody listens. */
async function nobody(): Promise<string> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  await new Promise((resolve) => server.close(resolve));
  return typeof address === 'object' && address !== null ? `http://127.0.0.1:${address.port}` : assert.fail('no port');
}
