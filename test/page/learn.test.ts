import assert from 'node:assert/strict';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import type { Browser, Locator, Page } from 'playwright-core';
import { startRunner, type TestRunner } from '../lab/runner.ts';
import { missing } from '../require.ts';
import { launchBrowser } from './browser.ts';
import { buildSite } from './built-site.ts';

const skip = (await missing('chromium')) || (await missing('lab'));

describe('learning in the page', { skip }, () => {
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

  test('the lab has shells on its three hosts, and tells what their connections became', async () => {
    await using lab = await open('lab/');
    await lab.button('Open the lab').click();
    for (const host of ['client', 'server', 'router']) await lab.shows(host, `${host}:~#`);
    await lab.type('server', 'python3 python/server.py');
    await lab.shows('server', 'listening on port 8262');
    await lab.type('client', 'python3 python/client.py');
    await lab.shows('client', 'I am python');
    await lab.verdict('Multipath TCP');
    await lab.type('client', 'ip mptcp endpoint add 10.0.1.2 dev wifi subflow backup');
    await lab.page.getByRole('tab', { name: 'Conditions' }).click();
    await lab.page.getByRole('tabpanel', { name: 'Conditions' }).getByText('10.0.1.2').first().waitFor();
  });

  test('a lab is set up by its address: terminals, programs and links', async () => {
    await using lab = await open('lab/?terminals=client,server&programs=lua&wifi=5000kbit');
    const terminal = (name: string) => lab.page.getByRole('region', { name: `Terminal of the ${name}`, exact: true });
    await terminal('router').waitFor({ state: 'hidden' });
    await lab.page.getByRole('button', { name: /^Start the server in Lua/ }).click();
    await lab.shows('server', 'listening on port 8262');
    await lab.page.getByRole('button', { name: /^Start the client in Lua/ }).click();
    await lab.shows('client', 'I am lua');
    await lab.verdict('Multipath TCP');
    await lab.page.locator('.lab-network').getByText('5 Mbit/s').first().waitFor();
    await terminal('client 2').waitFor({ state: 'hidden' });
    await lab.page.getByLabel('client 2', { exact: true }).check();
    await lab.shows('client 2', 'client:~#');
    await lab.button('Cut cellular').click();
    await lab.page.waitForURL('**/lab/?terminals=client,client+2,server&programs=lua&wifi=5000kbit&cellular=down');
    await lab.page.getByLabel('Choose a network').selectOption('Two equal links: 10 Mbit/s each');
    await lab.page.waitForURL('**/lab/?terminals=client,client+2,server&programs=lua&wifi=10000kbit');
    await lab.button('Cut cellular').click();
    await lab.page.waitForURL('**&wifi=10000kbit&cellular=down');
    await lab.page.getByLabel('Add a program').selectOption('Python');
    await lab.page.getByText('Python (in a fresh lab)').waitFor();
    // Who is sent the address has the same lab.
    await using other = await open(new URL(lab.page.url()).pathname.slice(1) + new URL(lab.page.url()).search);
    await other.button('Open the lab').click();
    await other.shows('client 2', 'client:~#');
    await other.button('Mend cellular').waitFor();
    await other.type('client', 'ls');
    await other.shows('client', 'lua  python');
  });

  test('a fresh lab has forgotten all of it', async () => {
    await using lab = await open('lab/');
    await lab.button('Open the lab').click();
    await lab.shows('client', 'client:~#');
    await lab.type('client', 'ip mptcp endpoint flush; touch mine; ls');
    await lab.shows('client', 'mine');
    await lab.button('Fresh lab').click();
    await lab.page.getByText('touch mine').first().waitFor({ state: 'detached' });
    await lab.shows('client', 'client:~#');
    await lab.type('client', 'ip mptcp endpoint');
    await lab.shows('client', '10.0.2.2 id 1');
  });

  test('a step is done by what the network did, and says until then what it did instead', async () => {
    await using lab = await open('learn/first-connection/');
    await lab.button('Open the lab').click();
    await lab.shows('client', 'client:~#');
    await lab.step('connect', 'Not yet. The client has opened no connection yet.');
    await lab.type('client', 'python3 python/client.py');
    await lab.step('connect', 'Not yet. No connection. The server refused it');
    await lab.type('server', 'python3 python/server.py');
    await lab.shows('server', 'listening on port 8262');
    await lab.type('client', 'python3 python/client.py');
    await lab.step('connect', 'Done.');
    await lab.step('plain', 'Not yet.');
  });

  test('a check answers within 300 ms of the evidence', async (t) => {
    await using lab = await open('learn/first-connection/', runner, () => {
      // Heard before the page hears it.
      window.WebSocket = class extends WebSocket {
        constructor(url: string | URL, protocols?: string | string[]) {
          super(url, protocols);
          this.addEventListener('message', () => performance.mark('heard'));
        }
      };
    });
    await lab.button('Open the lab').click();
    await lab.shows('server', 'server:~#');
    await lab.type('server', 'python3 python/server.py');
    await lab.shows('server', 'listening on port 8262');
    const answered = lab.page.locator('[data-step=connect]').evaluate(
      (step) =>
        new Promise<number>((resolve) => {
          const observer = new MutationObserver(() => {
            if (step.getAttribute('data-state') !== 'done') return;
            resolve(performance.now() - (performance.getEntriesByName('heard').at(-1)?.startTime ?? 0));
          });
          observer.observe(step, { attributes: true });
        }),
    );
    await lab.type('client', 'python3 python/client.py');
    const ms = await answered;
    t.diagnostic(`${ms.toFixed(1)} ms from the message to the mark`);
    assert.ok(ms < 300, `${ms} ms`);
  });

  test('Show me does a step and those before it in the learner’s terminals, and the page remembers', async () => {
    await using lab = await open('learn/first-connection/');
    await lab.page.locator('[data-step=plain]').getByRole('button', { name: 'Show me' }).click();
    await lab.step('connect', 'Done.');
    await lab.step('plain', 'Done.');
    await lab.verdict('Plain TCP');
    await lab.page.goto(new URL('learn/', runner.address).href);
    await lab.page.locator('[data-lesson=first-connection]').getByText('Done', { exact: true }).waitFor();
  });

  test('what was learned goes out as a file, and comes in again in another browser', async () => {
    await using lab = await open('learn/progress/');
    const { page } = lab;
    const state = (of: Page, lesson: string) => of.locator(`mptcp-progress [data-lesson=${lesson}] .progress-state`);
    await page.evaluate(() => {
      const done = { 'first-connection': { connect: '2026-01-02', plain: '2026-01-03' }, backup: { 'stand-by': '2026-01-04' } };
      localStorage.setItem('hello-mptcp-progress', JSON.stringify(done));
    });
    await page.reload();
    await state(page, 'first-connection').getByText('Done on 2026-01-03').waitFor();
    await state(page, 'backup').getByText('1 of 2 steps').waitFor();
    const download = page.waitForEvent('download');
    await lab.button('Export as a file').click();
    const file = await readFile(await (await download).path());

    await using elsewhere = await open('learn/progress/');
    const choose = async (name: string, buffer: Buffer) => {
      const chooser = elsewhere.page.waitForEvent('filechooser');
      await elsewhere.button('Import a file').click();
      await (await chooser).setFiles({ name, mimeType: 'application/json', buffer });
    };
    await choose('holiday.json', Buffer.from('{"backup":"soon"}'));
    await elsewhere.page.getByText('holiday.json is no such file').waitFor();
    await state(elsewhere.page, 'first-connection').getByText('Not begun').waitFor();
    await choose('mine.json', file);
    await elsewhere.page.getByText('mine.json was added').waitFor();
    await state(elsewhere.page, 'first-connection').getByText('Done on 2026-01-03').waitFor();
  });

  test('each lab of a lesson is broken when the one before it is mended', async () => {
    await using lab = await open('learn/broken-labs/');
    await lab.button('Open the lab').click();
    await lab.step('first', 'Not yet.');
    await lab.type('client', 'ip mptcp limits');
    await lab.shows('client', 'subflows 0');
    await lab.page.locator('[data-step=second]').getByRole('button', { name: 'Show me' }).click();
    await lab.step('first', 'Done.');
    await lab.step('second', 'Done.');
    await lab.step('third', 'Not yet.');
    await lab.type('client', 'clear; ip mptcp endpoint');
    await lab.shows('client', '10.0.2.22 id 1');
  });

  test('what mends a broken lab is folded, on paper and without scripts too; what a lesson showed is on paper', async () => {
    await using context = await browser.newContext({ javaScriptEnabled: false });
    const page = await context.newPage();
    await page.goto(new URL('learn/broken-labs/', runner.address).href);
    const step = page.locator('[data-step=first]');
    const answers = step.getByText('subflows 2');
    const shown = async () =>
      (await Promise.all((await answers.all()).map((answer) => answer.isVisible()))).filter(Boolean).length;
    for (const media of ['screen', 'print'] as const) {
      await page.emulateMedia({ media });
      assert.equal(await shown(), 0, media);
    }
    await page.emulateMedia({ media: 'screen' });
    for (const summary of ['What was it?', 'Show the answer']) await step.getByText(summary).click();
    for (const media of ['screen', 'print'] as const) {
      await page.emulateMedia({ media });
      assert.equal(await shown(), 2, media);
    }
    await page.emulateMedia({ media: 'screen' });
    await page.goto(new URL('learn/limits/', runner.address).href);
    const happened = page.locator('[data-step=one] .lesson-recorded').getByText('subflows 1');
    assert.equal(await happened.isVisible(), false);
    await page.emulateMedia({ media: 'print' });
    assert.equal(await happened.isVisible(), true);
  });

  test('who comes to a runner without shells is told so', async () => {
    await using closed = await startRunner({ SITE_DIR: siteDir, SHELLS: 'off' });
    await using lab = await open('lab/', closed);
    await lab.button('Open the lab').click();
    await lab.page.getByRole('alert').filter({ hasText: 'Shells are switched off on this runner' }).waitFor();
  });

  type Learner = AsyncDisposable & {
    page: Page;
    button(name: string): Locator;
    type(terminal: string, command: string): Promise<void>;
    /** Resolves once the terminal shows this text, however its lines are broken. */
    shows(terminal: string, text: string): Promise<void>;
    verdict(headline: string): Promise<void>;
    /** Resolves once a step of the lesson says this. */
    step(id: string, words: string): Promise<void>;
  };

  const open = async (path: string, at: TestRunner = runner, script?: () => void): Promise<Learner> => {
    const context = await browser.newContext({ viewport: { width: 1440, height: 900 } });
    const page = await context.newPage();
    if (script !== undefined) await page.addInitScript(script);
    await page.goto(new URL(path, at.address).href);
    const terminal = (name: string) => page.getByRole('region', { name: `Terminal of the ${name}`, exact: true });
    return {
      page,
      button: (name) => page.getByRole('button', { name, exact: true }),
      async type(name, command) {
        await terminal(name).getByRole('textbox').focus();
        await page.keyboard.type(`${command}\n`);
      },
      async shows(name, text) {
        const isShown = ({ label, wanted }: { label: string; wanted: string }) =>
          [...document.querySelectorAll(`[aria-label="${label}"] [role=listitem]`)]
            .map((row) => row.textContent)
            .join('')
            .replaceAll(/\s/g, '')
            .includes(wanted);
        const wanted = text.replaceAll(/\s/g, '');
        await page.waitForFunction(isShown, { label: `Terminal of the ${name}`, wanted }).catch(async (error) => {
          const found = await terminal(name).getByRole('listitem').allTextContents();
          throw new Error(`Expected "${text}", found:\n${found.join('\n').trimEnd()}`, { cause: error });
        });
      },
      verdict: (headline) => page.getByRole('status', { name: 'Verdict' }).getByText(headline, { exact: true }).waitFor(),
      async step(id, words) {
        const state = page.locator(`[data-step=${id}]`).getByRole('status');
        await state
          .filter({ hasText: words })
          .waitFor()
          .catch(async (error) => {
            throw new Error(`Expected "${words}" of step ${id}, found "${await state.textContent()}"`, { cause: error });
          });
      },
      [Symbol.asyncDispose]: () => context.close(),
    };
  };
});
