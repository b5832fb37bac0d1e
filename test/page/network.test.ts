import assert from 'node:assert/strict';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import type { Browser } from 'playwright-core';
import { eventually, startRunner, type TestRunner } from '../lab/runner.ts';
import { missing } from '../require.ts';
import { launchBrowser } from './browser.ts';
import { buildSite } from './built-site.ts';
import { type LabPage, openLabPage } from './lab-page.ts';

const skip = (await missing('chromium')) || (await missing('lab'));

describe('the network of a page', { skip }, () => {
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

  const open = (): Promise<LabPage> => openLabPage(browser, new URL('languages/python/', runner.address));
  const press = (lab: LabPage, name: string) => lab.page.getByRole('button', { name, exact: true }).click();
  const words = (lab: LabPage) => lab.page.getByRole('status', { name: 'Network in words' });
  const told = (lab: LabPage, text: RegExp) => words(lab).filter({ hasText: text }).waitFor({ state: 'attached' });

  test('Wi-Fi is cut while a program runs, the map says so, and the command is told', async () => {
    await using lab = await open();
    await press(lab, 'Let the server think for a second');
    await lab.replace('server.py', 'sleep(1)', 'sleep(50)');
    await lab.button('Run').click();
    await told(lab, /Connection 0x[0-9a-f]{8} goes over Wi-Fi and cellular\.\s*$/);
    await press(lab, 'Cut Wi-Fi');
    await told(lab, /^Wi-Fi down\. Cellular up, 10 Mbit\/s.*\. Connection 0x[0-9a-f]{8} goes on over cellular/);
    assert.equal(await lab.page.locator('.network-map [data-cut=wifi]').isVisible(), true);
    await lab.tab('Commands').click();
    await lab.page.getByRole('tabpanel', { name: 'Commands' }).getByText('ip link set wifi down').waitFor();
    await press(lab, 'Put all back');
    await told(lab, /^Wi-Fi up, 20 Mbit\/s/);
    assert.equal(await lab.page.locator('.network-map [data-cut=wifi]').isVisible(), false);
    await lab.button('Stop').click();
  });

  test('the router strips options: the next run falls back, and with the options let pass it does not', async () => {
    await using lab = await open();
    await press(lab, 'Strip MPTCP options');
    await lab.page.getByRole('button', { name: 'Let MPTCP options pass', exact: true }).waitFor();
    await lab.button('Run').click();
    await lab.verdict('Fell back to TCP');
    await press(lab, 'Let MPTCP options pass');
    await lab.page.getByRole('button', { name: 'Strip MPTCP options', exact: true }).waitFor();
    await lab.button('Run').click();
    await lab.verdict('Multipath TCP');
  });

  test('Multipath TCP is switched off on the client: the program falls back by itself', async () => {
    await using lab = await open();
    await press(lab, 'Switch MPTCP off');
    await lab.page.getByRole('button', { name: 'Switch MPTCP on', exact: true }).waitFor();
    await lab.button('Run').click();
    await lab.verdict('Plain TCP');
    await lab.shows('client', 'no Multipath TCP here');
  });

  test('a rate is set by its field, and one that is none is refused in words', async () => {
    await using lab = await open();
    await press(lab, 'Cut cellular');
    await told(lab, /Cellular down\./);
    await lab.tab('Conditions').click();
    const rate = lab.page.getByLabel('Wi-Fi rate', { exact: true });
    await rate.fill('5');
    await rate.press('Tab');
    await told(lab, /^Wi-Fi up, 5 Mbit\/s/);
    await rate.fill('0');
    await rate.press('Tab');
    await lab.notice('from 10 to 1000000 kbit/s');
  });

  test('Reset gives the lab back, and the map is as it came', async () => {
    await using lab = await open();
    await press(lab, 'Cut Wi-Fi');
    await told(lab, /Wi-Fi down\./);
    await lab.button('Reset').click();
    await lab.page.getByRole('button', { name: 'Cut Wi-Fi', exact: true }).waitFor();
    await eventually('the lab is closed', async () => (await runner.status()).labs.open === 0);
    assert.equal(await words(lab).textContent(), '');
  });
});
