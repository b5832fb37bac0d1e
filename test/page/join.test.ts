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
import { openLabPage } from './lab-page.ts';

const skip = (await missing('chromium')) || (await missing('lab'));

describe('a page of a runner that wants a join code', { skip }, () => {
  let browser: Browser;
  let siteDir: string;
  let runner: TestRunner;
  before(async () => {
    siteDir = await mkdtemp(join(tmpdir(), 'hello-site-'));
    await buildSite(siteDir, '/');
    runner = await startRunner({
      SITE_DIR: siteDir,
      JOIN_CODE: 'K7Q-M4T-XP9',
      DEVICES: '127.0.0.1',
      DEVICES_HELLO_PORT: '0',
      DEVICES_HTTP_PORT: '0',
    });
    browser = await launchBrowser();
  });
  after(async () => {
    await browser.close();
    await runner[Symbol.asyncDispose]();
    await rm(siteDir, { recursive: true });
  });

  test('Run asks for the code, says when it is wrong, and goes on once it is right', async () => {
    await using lab = await openLabPage(browser, new URL('languages/python/', runner.address));
    const field = lab.page.getByRole('textbox', { name: 'Join code' });
    const joinButton = lab.page.getByRole('button', { name: 'Join', exact: true });
    await lab.button('Run').waitFor();
    assert.equal(await field.isVisible(), false);

    await lab.button('Run').click();
    await field.and(lab.page.locator(':focus')).waitFor();
    assert.equal(await lab.button('Stop').isDisabled(), true);
    await lab.page.keyboard.type('k7q m4t xp8');
    await lab.page.keyboard.press('Enter');
    await lab.page.getByRole('status', { name: 'Answer to the join code' }).filter({ hasText: 'not the join code' }).waitFor();
    assert.equal(await field.getAttribute('aria-invalid'), 'true');

    await field.fill('k7q m4t xp9');
    await joinButton.click();
    await lab.verdict('Multipath TCP');
    assert.equal(await field.isVisible(), false);
    const [cookie] = await lab.page.context().cookies();
    assert.deepEqual([cookie?.httpOnly, cookie?.sameSite], [true, 'Strict']);
  });

  test('the link that the runner prints needs no code, and leaves no token in the address', async () => {
    await using lab = await openLabPage(
      browser,
      new URL(`languages/python/${new URL(runner.invitation?.links[0] ?? '').search}`, runner.address),
    );
    assert.equal(lab.page.url(), new URL('languages/python/', runner.address).href);
    await lab.button('Run').click();
    await lab.verdict('Multipath TCP');
  });

  test('a page that waits for a device asks for the code first', async () => {
    await using lab = await openLabPage(browser, new URL('apple/swift-macos/', runner.address));
    await lab.page.getByRole('button', { name: 'Wait for my device' }).click();
    await lab.page.getByRole('textbox', { name: 'Join code' }).fill('K7Q-M4T-XP9');
    await lab.page.keyboard.press('Enter');
    await lab.page.getByText('Waiting for a connection').waitFor();
  });
});
