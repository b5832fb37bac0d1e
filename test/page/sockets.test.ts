import assert from 'node:assert/strict';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import type { Browser } from 'playwright-core';
import { startRunner, type TestRunner } from '../lab/runner.ts';
import { missing } from '../require.ts';
import { launchBrowser } from './browser.ts';
import { buildSite } from './built-site.ts';
import { type LabPage, openLabPage } from './lab-page.ts';

const skip = (await missing('chromium')) || (await missing('lab'));

describe('the sockets of a run', { skip }, () => {
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
  const panel = (lab: LabPage) => lab.page.getByRole('tabpanel', { name: 'Sockets' });
  const raw = async (lab: LabPage, name: string) =>
    (await lab.page.getByRole('region', { name, exact: true }).textContent()) ?? '';

  test('are explained field by field while the program runs, and stay when it has ended', async () => {
    await using lab = await open();
    await lab.tab('Sockets').click();
    await press(lab, 'Let the server think for a second');
    await lab.button('Run').click();
    const connection = panel(lab).locator('summary', { hasText: /10\.0\.1\.2:\d+ → 10\.0\.9\.1:8262.*2 subflows/ });
    await connection.press('Enter');
    await panel(lab)
      .getByRole('row', { name: /^token [0-9a-f]+ the number of the connection on this host/ })
      .waitFor();
    await lab.shows('client', 'exit code 0 after');
    // Who stands on it with the keyboard still does, and it is still unfolded.
    assert.equal(await connection.evaluate((summary) => summary === document.activeElement), true);
    await panel(lab).getByRole('row', { name: 'subflows_total 2 all subflows that are open or being opened' }).waitFor();
    const closed = panel(lab).locator('summary', { hasText: 'the connection has ended' });
    await closed.waitFor();

    await press(lab, 'server');
    await panel(lab)
      .locator('summary', { hasText: /10\.0\.9\.1:8262 → 10\.0\.2\.2:\d+.*joined/ })
      .waitFor();
    await panel(lab).getByText('This host has no endpoint.').waitFor();
    await press(lab, 'Raw');
    assert.match(await raw(lab, 'ss -Mni on the server'), /^State +Recv-Q.*\nESTAB .*\n\t subflows:1 .*token:[0-9a-f]+ /);
    assert.match(await raw(lab, 'ip mptcp monitor on the server'), /^\[LISTENER_CREATED\] .*\n\[ +CREATED\] token=/);
  });

  test('of a recording are those of its run, letter by letter', async () => {
    await using lab = await open();
    await press(lab, 'Let the server think for a second');
    await lab.button('Play').click();
    await lab.shows('client', 'exit code 0 after');
    await lab.tab('Sockets').click();
    await panel(lab).locator('summary', { hasText: 'the connection has ended' }).waitFor();
    await press(lab, 'Raw');
    const endpoints = '10.0.2.2 id 1 subflow dev cellular \nfd00:2::2 id 2 subflow dev cellular \n';
    assert.equal(await raw(lab, 'ip mptcp endpoint show on the client'), endpoints);
    assert.match(
      await raw(lab, 'ss -tni on the client'),
      /^State .*\n(.*\n)*ESTAB .* 10\.0\.2\.2%cellular:\d+ +10\.0\.9\.1:8262\n/,
    );
  });
});
