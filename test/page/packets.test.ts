import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { promisify } from 'node:util';
import type { Browser, Locator } from 'playwright-core';
import { startRunner, type TestRunner } from '../lab/runner.ts';
import { missing } from '../require.ts';
import { launchBrowser } from './browser.ts';
import { buildSite } from './built-site.ts';
import { type LabPage, openLabPage } from './lab-page.ts';
import { serveFolder } from './static-server.ts';

const skip = (await missing('chromium')) || (await missing('lab'));

describe('the packets of a page', { skip }, () => {
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

  /** A page on which both subflows of a run were seen from their first packet on. */
  const openAndRun = async (): Promise<LabPage> => {
    const lab = await openLabPage(browser, new URL('languages/python/', runner.address));
    await lab.page.getByRole('button', { name: 'Let the server think for a second', exact: true }).click();
    await lab.tab('Packets').click();
    await lab.page.getByText('From now on packets are captured').waitFor();
    await lab.button('Run').click();
    await lab.verdict('Multipath TCP');
    await row(lab, /, SYN\+ACK, MP_JOIN agrees/).waitFor();
    return lab;
  };
  const row = (lab: LabPage, name: RegExp): Locator => lab.page.getByRole('option', { name });
  const region = (lab: LabPage, name: string): Locator => lab.page.getByRole('region', { name, exact: true });

  test('are listed from the first SYN on, with link, direction and what their options say', async () => {
    await using lab = await openAndRun();
    const rows = lab.page.getByRole('listbox', { name: 'Packets' }).getByRole('option');
    const names = await rows.evaluateAll((all) => all.map((one) => one.getAttribute('aria-label') ?? ''));
    assert.match(names[0] ?? '', /^0\.0 ms, Wi-Fi, from the client, SYN, MP_CAPABLE asks for Multipath TCP$/);
    assert.match(names[1] ?? '', /ms, Wi-Fi, to the client, SYN\+ACK, MP_CAPABLE agrees, with its key$/);
    for (const joining of [
      /ms, cellular, from the client, SYN, MP_JOIN asks to join connection 0x[0-9a-f]{8}$/,
      /ms, cellular, to the client, SYN\+ACK, MP_JOIN agrees, and proves that it knows the keys$/,
      /ms, cellular, from the client, ACK, MP_JOIN proves that it knows the keys$/,
    ])
      assert.ok(
        names.some((name) => joining.test(name)),
        `${joining} in\n${names.join('\n')}`,
      );
  });

  test('a click shows the bytes of one, and each field in a sentence with its section of the standard', async () => {
    await using lab = await openAndRun();
    await row(lab, /SYN, MP_JOIN asks/).click();
    const packet = region(lab, 'Packet');
    await packet.getByText(/^SYN from the client over cellular: 10\.0\.2\.2:\d+ to 10\.0\.9\.1:8262$/).waitFor();
    const token = packet.getByRole('button', { name: /token/i }).first();
    assert.match((await token.textContent()) ?? '', /RFC 8684, 3\.2/);
    // The bytes that are marked are the ones that the sentence is about.
    await token.focus();
    const value = ((await token.locator('code').textContent()) ?? '').replace(/^0x/, '');
    const marked = await packet.locator('.packet-byte.packet-marked').allTextContents();
    assert.equal(marked.join(''), value);
  });

  test('the list and the ladder are worked by keyboard', async () => {
    await using lab = await openAndRun();
    const list = lab.page.getByRole('listbox', { name: 'Packets' });
    await list.focus();
    await lab.page.keyboard.press('ArrowDown');
    await lab.page.keyboard.press('ArrowDown');
    await region(lab, 'Packet')
      .getByText(/^SYN\+ACK to the client over Wi-Fi/)
      .waitFor();
    assert.equal(await list.locator('[aria-selected=true]').count(), 1);
    await region(lab, 'Handshakes')
      .getByRole('button', { name: /, SYN, MP_JOIN asks/ })
      .focus();
    await lab.page.keyboard.press('Enter');
    await region(lab, 'Packet')
      .getByText(/^SYN from the client over cellular/)
      .waitFor();
  });

  test('token, first sequence number and HMACs follow from the keys, and match what was on the wire', async () => {
    await using lab = await openAndRun();
    const arithmetic = region(lab, 'Arithmetic');
    const asked = (await row(lab, /SYN, MP_JOIN asks/).getAttribute('aria-label')) ?? '';
    const token = asked.slice(-8);
    await arithmetic.getByText(/^All \d values that were on the wire match/).waitFor();
    for (const title of ['Token of the server', 'Initial data sequence number of the client', 'HMAC of the client in the ACK'])
      await arithmetic.locator('summary').filter({ hasText: title }).filter({ hasText: 'matches' }).waitFor();
    await arithmetic.locator('summary').filter({ hasText: 'Token of the server' }).click();
    const steps = arithmetic.locator('details[open]');
    await steps.getByText('SHA-256', { exact: true }).waitFor();
    assert.equal(await steps.getByText(token, { exact: true }).count(), 2);
  });

  test('the download is a capture in which tshark finds Multipath TCP by the filter of the page', async () => {
    await using lab = await openAndRun();
    const filter = (await lab.page.getByRole('tabpanel', { name: 'Packets' }).locator('code').textContent()) ?? '';
    const [download] = await Promise.all([
      lab.page.waitForEvent('download'),
      lab.page.getByRole('button', { name: 'Download', exact: true }).click(),
    ]);
    assert.equal(download.suggestedFilename(), 'hello-mptcp.pcap');
    const args = ['-r', await download.path(), '-Y', filter, '-T', 'fields', '-e', 'tcp.options.mptcp.subtype'];
    const { stdout } = await promisify(execFile)('tshark', args);
    const subtypes = stdout.trim().split('\n');
    // RFC 8684, section 8: 0 is MP_CAPABLE, 1 is MP_JOIN.
    assert.equal(subtypes.filter((subtype) => subtype === '0').length, 4);
    assert.equal(subtypes.filter((subtype) => subtype === '1').length, 3);
  });

  test('come with a recording, where there is no runner', async () => {
    await using host = await serveFolder(siteDir, '/');
    await using lab = await openLabPage(browser, new URL('/languages/python/', host.origin));
    // A hello as it is may end before its join.
    await lab.page.getByRole('button', { name: 'Let the server think for a second', exact: true }).click();
    await lab.button('Play').click();
    await lab.verdict('Recording of .*two subflows');
    await lab.tab('Packets').click();
    await row(lab, /cellular, from the client, SYN, MP_JOIN asks/).waitFor();
    await region(lab, 'Arithmetic')
      .getByText(/^All \d values that were on the wire match/)
      .waitFor();
  });

  test('are those of the last run', async () => {
    await using lab = await openAndRun();
    const token = ((await row(lab, /SYN, MP_JOIN asks/).getAttribute('aria-label')) ?? '').slice(-8);
    await lab.button('Run').click();
    await row(lab, new RegExp(`SYN, MP_JOIN asks to join connection 0x(?!${token})`)).waitFor();
    assert.equal(await row(lab, /SYN, MP_CAPABLE asks/).count(), 1);
  });
});
