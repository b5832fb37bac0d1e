import assert from 'node:assert/strict';
import { createServer } from 'node:http';
import { after, before, describe, test } from 'node:test';
import type { Browser, Page } from 'playwright-core';
import { decodeFrame } from '../../protocol/frame.ts';
import { ensureSite, siteDir } from '../../setup/site-build.ts';
import { eventually, startRunner, type TestRunner } from '../lab/runner.ts';
import { launchBrowser } from '../page/browser.ts';
import { type LabPage, openLabPage } from '../page/lab-page.ts';
import { missing } from '../require.ts';
import { openReport } from './report.ts';
import { ESCAPES, escapesProgram, repliesIn } from './terminal-escapes.ts';

const skip = (await missing('chromium')) || (await missing('lab'));
const PAGE = 'languages/python/';

/** Marks the page as taken over, if it is ever carried out as markup or as a script. */
const EVIL = '"><img src="/x-evil" onerror="window.taken=1"><script>window.taken=2</script>';

describe('attacks on the reader of a page', { skip }, () => {
  const report = openReport('What reaches the browser');
  let browser: Browser;
  let runner: TestRunner;
  before(async () => {
    assert.equal(await ensureSite(true), null);
    runner = await startRunner({ SITE_DIR: siteDir });
    browser = await launchBrowser();
  });
  after(async () => {
    report.print();
    await browser.close();
    await runner[Symbol.asyncDispose]();
  });

  const open = async (permissions: string[] = []): Promise<LabPage> => {
    const lab = await openLabPage(browser, new URL(PAGE, runner.address), { permissions });
    await watchViolations(lab.page);
    return lab;
  };

  test('escape sequences of a program change its terminal alone, and type nothing that it chose', async () => {
    await using lab = await open(['clipboard-read', 'clipboard-write']);
    const { page } = lab;
    const popups: string[] = [];
    page.context().on('page', (popup) => popups.push(popup.url()));
    page.on('dialog', (dialog) => {
      popups.push(`dialog: ${dialog.message()}`);
      dialog.dismiss().catch(() => {});
    });
    const printed = outputOf(page);
    const title = await page.title();
    await page.evaluate(() => navigator.clipboard.writeText('of the reader'));

    await writeProgram(lab, escapesProgram());
    await lab.button('Run').click();
    await lab.shows('client', 'all were sent');
    await lab.shows('client', 'exit code 0');
    const replies = repliesIn(printed());
    for (const [index, { name, allowed }] of ESCAPES.entries()) {
      const reply = replies.get(index) ?? 'nothing was told';
      report.add({
        attack: `terminal: ${name}`,
        expected: allowed === null ? 'no answer' : 'a fixed answer',
        seen: reply || 'no answer',
      });
      if (allowed === null) assert.equal(reply, '', name);
      else assert.match(reply, allowed, name);
    }
    assert.equal(await page.title(), title);
    assert.equal(await page.evaluate(() => navigator.clipboard.readText()), 'of the reader');
    report.add({ attack: 'terminal: titles and clipboard', expected: 'as before', seen: 'as before' });

    for (const word of ['JAVASCRIPT', 'DATALINK', 'FILELINK']) await clickInTerminal(lab, word);
    assert.deepEqual(popups, []);
    await clickInTerminal(lab, 'WEBLINK');
    await eventually('a link to the web opens a page of its own', () => popups.length === 1);
    assert.equal(await page.evaluate(() => 'taken' in window), false);
    report.add({ attack: 'terminal: links to javascript:, data:, file:', expected: 'nothing opens', seen: 'nothing opens' });
  });

  test('what a program prints as an error is text in the list of faults', async () => {
    await using lab = await open();
    await writeProgram(lab, `raise SystemError(${JSON.stringify(EVIL)})`);
    await lab.button('Run').click();
    await lab.page.getByText('client.py, line').first().waitFor();
    await lab.page.locator('.lab-faults').filter({ hasText: EVIL }).waitFor();
    await expectNothingTaken(lab.page);
    report.add({ attack: 'HTML in a message of a compiler', expected: 'text', seen: 'text' });
  });

  test('HTML in all that a runner says is text', async () => {
    await using lab = await openLabPage(browser, new URL('about/', runner.address));
    const { page } = lab;
    await page.routeWebSocket(/api\/session/, (socket) => {
      const server = socket.connectToServer();
      server.onMessage((message) => socket.send(typeof message === 'string' ? withEvil(message) : message));
      socket.onMessage((message) => server.send(message));
    });
    await page.goto(new URL(PAGE, runner.address).href);
    await watchViolations(page);
    await lab.button('Run').click();
    await lab.shows('client', 'exit code 0');
    await lab.page.getByText('Why this verdict', { exact: true }).click();
    await lab.page.getByText('How this lab was made').click();
    for (const tab of await page.getByRole('tab').all()) if (await tab.isVisible()) await tab.click();
    await page.getByText('<img src="/x-evil"').first().waitFor({ state: 'attached' });
    await expectNothingTaken(page);
    report.add({ attack: 'HTML in hosts, addresses, commands, errors, verdicts', expected: 'text', seen: 'text' });
  });

  // By timers, where text becomes code: what the debugger itself evaluates is free of the policy.
  const INJECTIONS: { name: string; directive: string; inject: string }[] = [
    {
      name: 'an inline script',
      directive: 'script-src-elem',
      inject: `const s = document.createElement('script'); s.textContent = 'window.taken = 1'; document.body.append(s)`,
    },
    {
      name: 'a handler in an attribute',
      directive: 'script-src-attr',
      inject: `document.body.insertAdjacentHTML('beforeend', '<img src="/favicon.svg" onload="window.taken = 1" onerror="window.taken = 1">')`,
    },
    {
      name: 'a javascript: link',
      directive: 'script-src-elem',
      inject: `const a = document.createElement('a'); a.href = 'javascript:window.taken = 1'; document.body.append(a); a.click()`,
    },
    { name: 'eval', directive: 'script-src', inject: `setTimeout(() => eval('window.taken = 1'))` },
    { name: 'a function made of text', directive: 'script-src', inject: `setTimeout(() => new Function('window.taken = 1')())` },
    {
      name: 'a script of another origin',
      directive: 'script-src-elem',
      inject: `const s = document.createElement('script'); s.src = FOREIGN + 'x.js'; document.body.append(s)`,
    },
    {
      name: 'a script as data',
      directive: 'script-src-elem',
      inject: `const s = document.createElement('script'); s.src = 'data:text/javascript,window.taken=1'; document.body.append(s)`,
    },
    {
      name: 'a frame with a script, which reports to itself',
      directive: 'frame loaded',
      inject: `const f = document.createElement('iframe'); f.srcdoc = '<script>parent.taken = 1</' + 'script>'; f.onload = () => window.violations.push('frame loaded'); document.body.append(f)`,
    },
    {
      name: 'a frame of another origin',
      directive: 'frame-src',
      inject: `const f = document.createElement('iframe'); f.src = FOREIGN; document.body.append(f)`,
    },
    {
      name: 'an object',
      directive: 'object-src',
      inject: `const o = document.createElement('object'); o.data = FOREIGN; document.body.append(o)`,
    },
    {
      name: 'another base of all links',
      directive: 'base-uri',
      inject: `const b = document.createElement('base'); b.href = FOREIGN; document.head.append(b)`,
    },
    {
      name: 'a form to another origin',
      directive: 'form-action',
      inject: `const f = document.createElement('form'); f.action = FOREIGN; document.body.append(f); f.requestSubmit()`,
    },
    { name: 'a request to another origin', directive: 'connect-src', inject: `fetch(FOREIGN).catch(() => {})` },
    {
      name: 'a WebSocket to another origin',
      directive: 'connect-src',
      inject: `try { new WebSocket(FOREIGN.replace('http', 'ws')) } catch {}`,
    },
    { name: 'a picture of another origin', directive: 'img-src', inject: `new Image().src = FOREIGN + 'x.png'` },
  ];

  test('what is injected into a page is not carried out, and the browser reports it', async () => {
    await using foreign = await foreignServer();
    await using lab = await open();
    for (const { name, directive, inject } of INJECTIONS) {
      await lab.page.evaluate(inject.replaceAll('FOREIGN', JSON.stringify(foreign.address)));
      await eventually(`${name} is reported as ${directive}`, async () => (await violations(lab.page)).includes(directive));
      await lab.page.evaluate('window.violations.length = 0');
      report.add({ attack: `injected: ${name}`, expected: `refused by ${directive}`, seen: `refused by ${directive}` });
    }
    assert.equal(await lab.page.evaluate(() => 'taken' in window), false);
    assert.deepEqual(foreign.requests, []);
  });

  test('the pages themselves break no rule of their policy', async () => {
    for (const path of ['', PAGE, 'languages/', 'about/']) {
      const page = await browser.newPage();
      await page.addInitScript(RECORD_VIOLATIONS);
      await page.goto(new URL(path, runner.address).href);
      await page.waitForLoadState('networkidle');
      assert.deepEqual(await violations(page), [], path);
      await page.close();
    }
    report.add({ attack: 'the own pages', expected: 'no violation', seen: 'no violation' });
  });

  test('a foreign page cannot show the site in a frame', async () => {
    await using foreign = await foreignServer(`<iframe src="${runner.address}${PAGE}"></iframe>`);
    const page = await browser.newPage();
    await page.goto(foreign.address);
    await eventually('the frame is refused', () => page.frames().some((frame) => frame.url().startsWith('chrome-error:')));
    await page.close();
    report.add({ attack: 'the site in a frame of a foreign page', expected: 'refused', seen: 'refused' });
  });
});

const RECORD_VIOLATIONS = `window.violations = [];
document.addEventListener('securitypolicyviolation', (event) => window.violations.push(event.effectiveDirective));`;

async function watchViolations(page: Page): Promise<void> {
  await page.evaluate(RECORD_VIOLATIONS);
}

async function violations(page: Page): Promise<string[]> {
  return page.evaluate('window.violations');
}

/** Neither by a script, nor by markup that a policy stopped. */
async function expectNothingTaken(page: Page): Promise<void> {
  assert.equal(await page.evaluate(() => 'taken' in window), false);
  assert.equal(await page.locator('img[src="/x-evil"]').count(), 0);
  assert.deepEqual(await violations(page), []);
}

/** The program, in the place of the page's own. */
async function writeProgram(lab: LabPage, text: string): Promise<void> {
  await lab.tab('client.py').click();
  await lab.button('Edit').click();
  await lab.page.locator(':focus').and(lab.editor('client.py')).waitFor();
  await lab.page.keyboard.press('Control+a');
  await lab.page.keyboard.insertText(text);
}

/** All that programs print from now on, as it comes over the session's socket. */
function outputOf(page: Page): () => string {
  let output = '';
  page.on('websocket', (socket) =>
    socket.on('framereceived', ({ payload }) => {
      const frame = typeof payload === 'string' ? null : decodeFrame(payload);
      if (frame?.kind === 'output') output += Buffer.from(frame.bytes).toString('latin1');
    }),
  );
  return () => output;
}

/** As a reader clicks a word that a program made a link of. */
async function clickInTerminal(lab: LabPage, word: string): Promise<void> {
  const place = lab.terminal('client').locator('.xterm-rows > div').filter({ hasText: word }).last();
  await place.scrollIntoViewIfNeeded();
  const box = await place.locator('span').filter({ hasText: word }).first().boundingBox();
  assert.ok(box !== null, word);
  await lab.page.mouse.move(box.x + 3, box.y + box.height / 2);
  await lab.page.mouse.move(box.x + 6, box.y + box.height / 2);
  await lab.page.mouse.click(box.x + 6, box.y + box.height / 2);
}

/** Of these names, the page shows what they hold. */
const SHOWN = ['message', 'why', 'command', 'commands', 'headline', 'explanation', 'remedy', 'kernel', 'version', 'lab', 'line'];
const ADDRESSES = ['address', 'localAddress', 'remoteAddress', 'ipv4', 'ipv6'];

function withEvil(text: string): string {
  return JSON.stringify(
    JSON.parse(text, (key, value: unknown) =>
      typeof value === 'string' && (SHOWN.includes(key) || ADDRESSES.includes(key)) ? `${value}${EVIL}` : value,
    ),
  );
}

/** Another origin, which keeps who has asked it for something. */
async function foreignServer(body = '') {
  const requests: string[] = [];
  const server = createServer((request, response) => {
    requests.push(request.url ?? '');
    response.setHeader('content-type', 'text/html').end(body);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const at = server.address();
  if (at === null || typeof at === 'string') throw new Error('expected a port, found none');
  return {
    address: `http://127.0.0.1:${at.port}/`,
    requests,
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
