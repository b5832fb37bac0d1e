import assert from 'node:assert/strict';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import type { Browser, Locator } from 'playwright-core';
import { startRunner, type TestRunner } from '../lab/runner.ts';
import { missing } from '../require.ts';
import { launchBrowser } from './browser.ts';
import { buildSite } from './built-site.ts';
import { type LabPage, openLabPage } from './lab-page.ts';

const skip = (await missing('chromium')) || (await missing('lab'));

describe('an error in edited code', { skip }, () => {
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

  test('that the compiler finds marks its line, its tab and a sentence, and is gone after mending', async () => {
    await using lab = await open('languages/c/');
    await lab.replace('client.c', 'IPPROTO_MPTCP);', 'IPPROTO_MPTCP)');
    await lab.editor('client.c').focus();
    await lab.page.keyboard.press('Control+End');
    await lab.button('Run').click();
    await sentence(lab, 'client.c, line 17: expected ‘,’ or ‘;’ before ‘if’');
    const line = lab.editor('client.c').locator('.code-fault');
    assert.ok(await isInSight(line), 'the editor is scrolled to its marked line');
    assert.deepEqual(await marks(lab, 'client.c'), [{ number: '17', message: 'expected ‘,’ or ‘;’ before ‘if’' }]);
    await errorTab(lab, 'client.c').waitFor();
    await lab.replace('client.c', 'IPPROTO_MPTCP)', 'IPPROTO_MPTCP);');
    await lab.button('Run').click();
    await lab.verdict('Multipath TCP');
    assert.deepEqual(await marks(lab, 'client.c'), []);
    assert.equal(await errorTab(lab, 'client.c').count(), 0);
    assert.equal(await errors(lab).textContent(), '');
  });

  test('that stops a program while it runs is marked; the mark moves with its line and goes when that is edited', async () => {
    await using lab = await open('languages/python/');
    await lab.replace('client.py', 'socket.IPPROTO_MPTCP)', 'socket.IPPROTO_MTCP)');
    await lab.button('Run').click();
    await sentence(lab, 'client.py, line 16: AttributeError');
    await lab.button('Edit').click();
    await lab.page.keyboard.press('Control+Home');
    await lab.page.keyboard.type('# a new first line\n');
    const [moved] = await marks(lab, 'client.py');
    assert.equal(moved?.number, '17');
    await lab.page.getByRole('button', { name: 'client.py, line 16' }).click();
    await lab.page.keyboard.press('End');
    await lab.page.keyboard.type(' # here');
    await lab.editor('client.py').filter({ hasText: 'IPPROTO_MTCP) # here' }).waitFor();
    assert.deepEqual(await marks(lab, 'client.py'), []);
    assert.equal(await errorTab(lab, 'client.py').count(), 0);
    assert.equal(await errors(lab).textContent(), '');
  });

  test('in the server marks the server’s tab, and what it causes in a file that is no editor is marked in the text', async () => {
    await using lab = await open('languages/python/');
    await lab.replace('server.py', '.listen(', '.lissten(');
    await lab.tab('client.py').click();
    await lab.button('Run').click();
    await errorTab(lab, 'server.py').waitFor();
    await sentence(lab, 'client.py, line 25: ConnectionRefusedError: [Errno 111] Connection refused');
    const line = lab.page.locator('.code-line.code-fault');
    assert.match((await line.textContent()) ?? '', /connection\.connect\(/);
    assert.ok(await isInSight(line), 'the file is scrolled to its marked line');
    assert.equal(await lab.editor('client.py').count(), 0);
    await lab.page.getByRole('button', { name: 'server.py, line' }).click();
    assert.equal(await lab.tab('server.py').getAttribute('aria-selected'), 'true');
    await lab.page.locator(':focus').and(lab.editor('server.py')).waitFor();
    await lab.page.keyboard.press('Shift+End');
    assert.match(await lab.page.evaluate(() => document.getSelection()?.toString() ?? ''), /\.lissten\(/);
    await lab.page.getByRole('button', { name: 'client.py, line 25' }).click();
    assert.equal(await lab.tab('client.py').getAttribute('aria-selected'), 'true');
    await lab.page.locator('[role=tabpanel][data-file="client.py"]:focus').waitFor();
    assert.equal(await lab.editor('client.py').count(), 0);
    // The mark goes over into the editor.
    await lab.button('Edit').click();
    await lab.editor('client.py').waitFor();
    assert.equal((await marks(lab, 'client.py'))[0]?.number, '25');
    await lab.button('Reset').click();
    assert.deepEqual(await marks(lab, 'client.py'), []);
    assert.equal(await errors(lab).textContent(), '');
  });

  test('that a program makes up does no harm: lines that are not there are left out, and markup is text', async () => {
    await using lab = await open('languages/python/');
    const markup = '<img src=x onerror="document.title=1">';
    const printed = [
      '  File "client.py", line 99999',
      'Error: far',
      '  File "client.py", line 2',
      markup,
      'client.c:1:1: error: c',
    ];
    await lab.append('client.py', `\nprint('''${printed.join('\\n')}'''); raise SystemExit(1)`);
    await lab.button('Run').click();
    await sentence(lab, `client.py, line 2: ${markup}`);
    assert.deepEqual(await marks(lab, 'client.py'), [{ number: '2', message: markup }]);
    assert.equal(await lab.page.locator('mptcp-lab img').count(), 0);
    assert.equal(await errors(lab).getByRole('button').count(), 1);
  });

  test('that was printed before the visitor stopped the program is not marked', async () => {
    await using lab = await open('languages/python/');
    await lab.append('client.py', '\nimport traceback; traceback.print_stack(); print("Error: so far", flush=True); input()');
    await lab.button('Run').click();
    await lab.shows('client', 'Error: so far');
    await lab.button('Stop').click();
    await lab.shows('client', 'stopped after');
    assert.equal(await errors(lab).textContent(), '');
  });

  test('goes from every file with the next experiment', async () => {
    await using lab = await open('languages/python/');
    await lab.replace('server.py', '.listen(', '.lissten(');
    await lab.button('Run').click();
    await errorTab(lab, 'server.py').waitFor();
    await errorTab(lab, 'client.py').waitFor();
    await lab.page.getByRole('button', { name: 'Make the server plain TCP', exact: true }).click();
    await errorTab(lab, 'client.py').waitFor({ state: 'detached' });
    assert.equal(await errors(lab).textContent(), '');
    assert.equal(await lab.page.locator('.code-fault').count(), 0);
  });
});

const errors = (lab: LabPage): Locator => lab.page.getByRole('status', { name: 'Errors', exact: true });
const errorTab = (lab: LabPage, file: string): Locator => lab.page.getByRole('tab', { name: `error in ${file}` });

async function sentence(lab: LabPage, text: string): Promise<void> {
  await errors(lab)
    .filter({ hasText: text })
    .waitFor()
    .catch(async (error) => {
      throw new Error(`Expected the error "${text}", found:\n${await errors(lab).textContent()}`, { cause: error });
    });
}

/** The marked lines of an editor: the number beside the line, and the message below it. */
async function marks(lab: LabPage, file: string): Promise<{ number: string; message: string }[]> {
  const messages = await lab
    .editor(file)
    .locator('.code-fault')
    .evaluateAll((lines) => lines.map((line) => getComputedStyle(line, '::after').content.slice(1, -1).replaceAll('\\', '')));
  const numbers = await lab.page.locator(`[data-file="${file}"] .cm-gutterElement.code-fault`).allTextContents();
  assert.equal(numbers.length, messages.length);
  return messages.map((message, index) => ({ number: numbers[index] ?? '', message }));
}

/** Both are measured at once: the page itself may still be scrolling. */
function isInSight(line: Locator): Promise<boolean> {
  return line.evaluate((inner) => {
    const { top, bottom } = inner.getBoundingClientRect();
    const panel = inner.closest('[role=tabpanel]')?.getBoundingClientRect();
    return panel !== undefined && top >= panel.top && bottom <= panel.bottom;
  });
}
