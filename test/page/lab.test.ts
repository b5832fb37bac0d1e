import assert from 'node:assert/strict';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import type { Browser, BrowserContextOptions } from 'playwright-core';
import { readSnippets } from '../../protocol/read-snippets.ts';
import { eventually, startRunner, type TestRunner } from '../lab/runner.ts';
import { missing, missingLanguage } from '../require.ts';
import { launchBrowser } from './browser.ts';
import { buildSite } from './built-site.ts';
import { type LabPage, openLabPage } from './lab-page.ts';
import { serveFolder } from './static-server.ts';

const PHONE = { viewport: { width: 390, height: 844 }, hasTouch: true, isMobile: true };
/** A finger's breadth, in CSS pixels. */
const TOUCH_PX = 40;
const FLOOD_LINES = 300_000;
const VERDICT_WORDS = { multipath: 'Multipath TCP', fallback: 'Fell back to TCP', 'plain-tcp': 'Plain TCP' };

const snippets = readSnippets('snippets');
const skip = (await missing('chromium')) || (await missing('lab'));

describe('the lab of a page', { skip }, () => {
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

  const open = (path = 'languages/python/', options: BrowserContextOptions = {}): Promise<LabPage> =>
    openLabPage(browser, new URL(path, runner.address), options);

  for (const [path, language] of [
    ['languages/python/', 'python'],
    ['languages/c/', 'c'],
    ['', 'python'],
  ] as const) {
    test(`Run on /${path} shows both programs, their ends and the verdict Multipath TCP`, async () => {
      await using lab = await open(path);
      await lab.button('Run').click();
      await lab.verdict('Multipath TCP');
      await lab.shows('server', 'listening on port 8262');
      await lab.shows('server', `10.0.1.2 says: hello from ${language}`);
      await lab.shows('server', 'stopped, the client is done after');
      await lab.shows('client', `hello 10.0.1.2, I am ${language}`);
      await lab.shows('client', 'exit code 0 after');
      assert.equal(await lab.button('Stop').isDisabled(), true);
    });
  }

  test('Why shows the evidence that decided, all counters of both kernels, and the commands that made the lab', async () => {
    await using lab = await open();
    await lab.button('Run').click();
    await lab.verdict('Multipath TCP');
    await lab.page.getByText('Why this verdict', { exact: true }).click();
    const because = await lab.page
      .getByRole('list', { name: 'Evidence for this verdict' })
      .getByRole('listitem')
      .allTextContents();
    assert.match(because[0] ?? '', /^The client asked for Multipath TCP\.client MPCapableSYNTX 0 → 1.*SYN with MP_CAPABLE/);
    assert.match(because[2] ?? '', /server MPCapableACKRX 0 → 1.*On your own server: nstat -az MPTcpExtMPCapableACKRX/);
    await lab.page.getByText('All that the kernels counted').click();
    await lab.page.getByRole('row', { name: 'MPCapableSYNACKRX 1 0' }).waitFor();
    await lab.page.getByRole('row', { name: 'MPCapableSYNRX 0 1' }).waitFor();
    await lab.page.getByText('How this lab was made').click();
    const commands = lab.page.getByRole('region', { name: 'Commands that made the lab' });
    assert.match((await commands.textContent()) ?? '', /mptcp endpoint add 10\.0\.2\.2 dev cellular subflow/);
  });

  test('the client can speak with the server of another language', async () => {
    await using lab = await open();
    await lab.page.getByLabel('Program on the server').selectOption('c');
    await lab.button('Run').click();
    await lab.verdict('Multipath TCP');
    await lab.shows('server', '10.0.1.2 says: hello from python');
    await lab.shows('client', 'hello 10.0.1.2, I am c');
    await lab.button('Reset').click();
    assert.equal(await lab.page.getByLabel('Program on the server').inputValue(), 'python');
  });

  test('a client that is edited to plain TCP gets the verdict Plain TCP, and edited back Multipath TCP again', async () => {
    await using lab = await open();
    await lab.replace('client.py', 'IPPROTO_MPTCP', 'IPPROTO_TCP');
    await lab.button('Run').click();
    await lab.verdict('Plain TCP');
    await lab.shows('client', 'hello 10.0.1.2, I am python');
    await lab.replace('client.py', 'IPPROTO_TCP', 'IPPROTO_MPTCP');
    await lab.button('Run').click();
    await lab.verdict('Multipath TCP');
  });

  test('a server that is edited to plain TCP gets the verdict Fell back to TCP', async () => {
    await using lab = await open();
    await lab.replace('server.py', 'IPPROTO_MPTCP', 'IPPROTO_TCP');
    await lab.button('Run').click();
    await lab.verdict('Fell back to TCP');
  });

  test('Reset puts files, terminals and verdict back, and the next Run is as the first', async () => {
    await using lab = await open();
    await lab.replace('client.py', 'IPPROTO_MPTCP', 'IPPROTO_TCP');
    await lab.button('Run').click();
    await lab.verdict('Plain TCP');
    await lab.button('Reset').click();
    await lab.verdict('Recording of');
    await lab.terminal('client').getByLabel('Recorded output of the client').getByText('hello 10.0.1.2, I am python').waitFor();
    await lab.editor('client.py').filter({ hasText: 'socket.IPPROTO_MPTCP' }).waitFor();
    await eventually('the lab is closed', async () => (await runner.status()).labs.open === 0);
    await lab.button('Run').click();
    await lab.verdict('Multipath TCP');
  });

  // That every snippet's experiments keep their promise, test/lab/hello.test.ts proves without a browser.
  for (const { id, manifest } of snippets.filter((snippet) => ['python', 'c', 'nodejs'].includes(snippet.id))) {
    for (const { title, promises } of manifest.experiments) {
      test(`the experiment "${title}" of ${id} gets the verdict that it promises`, { skip: missingLanguage(id) }, async () => {
        await using lab = await open(`${manifest.kind}s/${id}/`);
        await lab.page.getByRole('button', { name: title, exact: true }).click();
        await lab.button('Run').click();
        await lab.verdict(VERDICT_WORDS[promises]);
        await lab.shows('client', 'exit code 0');
      });
    }
  }

  test('what the compiler says about an error stands in the terminal, with the line', async () => {
    await using lab = await open('languages/c/');
    await lab.replace('client.c', 'IPPROTO_MPTCP);', 'IPPROTO_MPTCP)');
    await lab.button('Run').click();
    await lab.shows('client', 'client.c:17:9: error: expected');
    await lab.shows('client', 'the build step failed with exit code 1');
    await lab.verdict('No verdict');
  });

  test('Stop ends a program that never ends', async () => {
    await using lab = await open();
    await lab.append('client.py', '\nprint("round and round", flush=True)\nwhile True: pass');
    await lab.button('Run').click();
    await lab.shows('client', 'round and round');
    await lab.button('Stop').click();
    await lab.shows('client', 'stopped after');
    await lab.shows('server', 'stopped after');
    await eventually('Stop has nothing more to stop', () => lab.button('Stop').isDisabled());
  });

  test('what is typed into the terminal reaches the program', async () => {
    await using lab = await open();
    await lab.append('client.py', '\nprint("typed", input("? ")[::-1])');
    await lab.button('Run').click();
    await lab.shows('client', '?');
    await lab.page.getByRole('textbox', { name: 'Client terminal' }).focus();
    await lab.page.keyboard.type('abc\n');
    await lab.shows('client', 'typed cba');
    await lab.shows('client', 'exit code 0');
  });

  test('a flood of output arrives to its last line, and the page stays alive', async () => {
    await using lab = await open();
    await lab.append('client.py', `\nfor number in range(${FLOOD_LINES}): print("line", number)`);
    await lab.button('Run').click();
    await lab.shows('client', `line ${FLOOD_LINES - 1}`);
    await lab.shows('client', 'exit code 0');
  });

  test('Ctrl+Enter runs, from the editor and from a terminal', async () => {
    await using lab = await open();
    await lab.append('client.py', '\nimport time; print("at", time.time_ns(), "ns")');
    await lab.page.keyboard.press('Control+Enter');
    await lab.shows('client', 'exit code 0');
    const timeShown = async () =>
      /at (\d+) ns/.exec((await lab.terminal('client').getByRole('listitem').allTextContents()).join('\n'))?.[1];
    const first = await timeShown();
    assert.ok(first);
    await lab.page.getByRole('textbox', { name: 'Client terminal' }).focus();
    await lab.page.keyboard.press('Control+Enter');
    await eventually('the program has run once more', async () => Number(await timeShown()) > Number(first));
  });

  test('the keyboard alone runs a program, and gets into the editor and out of it', async () => {
    await using lab = await open();
    const { keyboard } = lab.page;
    const tabTo = async (name: string) => {
      for (let presses = 0; presses < 60; presses++) {
        await keyboard.press('Tab');
        if (
          (await lab.page
            .locator(':focus')
            .getAttribute('data-action')
            .catch(() => null)) === name
        )
          return;
      }
      assert.fail(`60 times the Tab key did not lead to ${name}`);
    };
    // Past the pages of the site, as its first link offers.
    await keyboard.press('Tab');
    await keyboard.press('Enter');
    await tabTo('edit');
    await keyboard.press('Enter');
    await lab.page.locator(':focus').and(lab.editor('client.py')).waitFor();
    await keyboard.press('Escape');
    await keyboard.press('Tab');
    assert.equal(await lab.page.locator(':focus').and(lab.editor('client.py')).count(), 0);
    await lab.tab('client.py').focus();
    await keyboard.press('ArrowRight');
    assert.equal(await lab.tab('server.py').getAttribute('aria-selected'), 'true');
    await lab.page.getByText('listener.accept()').waitFor();
    await tabTo('run');
    await keyboard.press('Enter');
    await lab.verdict('Multipath TCP');
  });

  test('Escape, then Tab leaves a terminal whose program runs', async () => {
    await using lab = await open();
    await lab.append('client.py', '\ninput("waiting ")');
    await lab.button('Run').click();
    await lab.shows('client', 'waiting');
    const keys = lab.page.getByRole('textbox', { name: 'Client terminal' });
    await keys.focus();
    await lab.page.keyboard.press('Tab');
    assert.equal(await lab.page.locator(':focus').and(keys).count(), 1);
    await lab.page.keyboard.press('Escape');
    await lab.page.keyboard.press('Tab');
    assert.equal(await lab.page.locator(':focus').and(keys).count(), 0);
  });

  test('Ctrl+F in a terminal finds, and Escape goes back', async () => {
    await using lab = await open();
    await lab.button('Run').click();
    await lab.verdict('Multipath TCP');
    const keys = lab.page.getByRole('textbox', { name: 'Client terminal' });
    await keys.focus();
    await lab.page.keyboard.press('Control+f');
    await lab.page.keyboard.type('no such text');
    await lab.terminal('client').getByText('not found').waitFor();
    await lab.page.getByRole('searchbox', { name: 'Find in the terminal' }).fill('I am python');
    await lab.terminal('client').getByText('not found').waitFor({ state: 'detached' });
    await lab.page.keyboard.press('Escape');
    await lab.page.locator(':focus').and(keys).waitFor();
  });

  test('editor and terminals are fetched when they are wanted, and no key is lost meanwhile', async () => {
    await using lab = await open();
    const release = Promise.withResolvers<void>();
    const fetched: string[] = [];
    await lab.page.route(/\/(editor|lab-run)\.[^/]+\.js$/, async (route) => {
      fetched.push(
        route
          .request()
          .url()
          .replace(/.*\/(editor|lab-run).*/, '$1'),
      );
      await release.promise;
      await route.continue();
    });
    assert.deepEqual(fetched, []);
    await lab.page.getByText('def').first().click();
    await lab.page.keyboard.type('abc');
    await lab.page.keyboard.press('Backspace');
    await lab.page.keyboard.type('d');
    assert.equal(await lab.editor('client.py').count(), 0);
    release.resolve();
    await lab
      .editor('client.py')
      .filter({ hasText: /d?e?f?abde?f? stream_socket/ })
      .waitFor();
    assert.deepEqual(fetched, ['editor']);
  });

  test('Copy takes the file as it is shown', async () => {
    await using lab = await open('languages/python/', { permissions: ['clipboard-read', 'clipboard-write'] });
    await lab.append('client.py', '# mine');
    await lab.button('Copy').click();
    const copied = () => lab.page.evaluate(() => navigator.clipboard.readText());
    await eventually('the clipboard holds the file', async () => /^import errno\n[\s\S]*# mine$/.test(await copied()));
  });

  test('on a phone nothing is wider than the screen, buttons take a finger, and Run works', async () => {
    await using lab = await open('languages/python/', PHONE);
    await lab.button('Run').tap();
    await lab.verdict('Multipath TCP');
    // Only a terminal that is in sight draws: Run has brought it there.
    await lab.shows('client', 'hello 10.0.1.2, I am python');
    assert.ok(await lab.page.evaluate(() => document.documentElement.scrollWidth <= innerWidth));
    for (const name of ['Run', 'Stop', 'Reset', 'Copy', 'Edit'] as const) {
      const box = await lab.button(name).boundingBox();
      assert.ok((box?.height ?? 0) >= TOUCH_PX && (box?.width ?? 0) >= TOUCH_PX, `${name} measures ${JSON.stringify(box)}`);
    }
  });

  test('on a phone a finger scrolls through what a terminal has printed', async () => {
    await using lab = await open('languages/python/', { ...PHONE, reducedMotion: 'reduce' });
    await lab.append('client.py', '\nfor number in range(20): print("line", number)');
    await lab.button('Run').tap();
    await lab.shows('client', 'exit code 0');
    const touch = await lab.page.context().newCDPSession(lab.page);
    const box = (await lab.terminal('client').boundingBox()) ?? assert.fail('the terminal is not there');
    const x = box.x + box.width / 2;
    await eventually('swipes lead to the first line', async () => {
      await touch.send('Input.dispatchTouchEvent', { type: 'touchStart', touchPoints: [{ x, y: box.y + 50 }] });
      for (let y = 50; y <= 150; y += 10) {
        await touch.send('Input.dispatchTouchEvent', { type: 'touchMove', touchPoints: [{ x, y: box.y + y }] });
      }
      await touch.send('Input.dispatchTouchEvent', { type: 'touchEnd', touchPoints: [] });
      return (await lab.terminal('client').getByRole('listitem').first().textContent()) === 'hello 10.0.1.2, I am python';
    });
  });

  test('without JavaScript both sources are there to read', async () => {
    await using lab = await open('languages/python/', { javaScriptEnabled: false });
    await lab.page.getByText('connection.connect').waitFor();
    await lab.page.getByText('listener.accept()').waitFor();
    await lab.page.getByText('npm run hello -- run python').waitFor();
    await lab.page.getByLabel('Recorded output of the client').getByText('hello 10.0.1.2, I am python').waitFor();
    await lab.verdict('Recording of .*Multipath TCP');
    assert.equal(await lab.button('Run').count(), 0);
  });

  describe('without a runner behind the page', () => {
    const openStatic = async () => {
      const host = await serveFolder(siteDir, '/');
      const lab = await openLabPage(browser, new URL('/languages/python/', host.origin));
      return { lab, host };
    };

    test('Run says so, how to start one, and plays the recording', async () => {
      const { lab: opened, host: opener } = await openStatic();
      await using _host = opener;
      await using lab = opened;
      await lab.button('Run').click();
      await lab.notice('No runner behind this page. Clone the project and give npm start, then open http://127.0.0.1:8262/.');
      await lab.shows('server', '10.0.1.2 says: hello from python');
      await lab.shows('client', 'hello 10.0.1.2, I am python');
      await lab.shows('client', 'exit code 0 after');
      await lab.verdict('Recording of .* Linux .*Multipath TCP');
      assert.equal(await lab.button('Stop').isDisabled(), true);
    });

    test('an experiment plays its own recording, and Play plays it again', async () => {
      const { lab: opened, host: opener } = await openStatic();
      await using _host = opener;
      await using lab = opened;
      await lab.page.getByRole('button', { name: 'Make the server plain TCP', exact: true }).click();
      await lab.button('Run').click();
      await lab.verdict('Recording of .*Fell back to TCP');
      await lab.button('Reset').click();
      await lab.verdict('Recording of .*Multipath TCP');
      await lab.page.getByRole('button', { name: 'Let the server think for a second', exact: true }).click();
      await lab.button('Play').click();
      await lab.verdict('Recording of .*two subflows');
    });

    test('an edit of the visitor has no recording, and the page says so', async () => {
      const { lab: opened, host: opener } = await openStatic();
      await using _host = opener;
      await using lab = opened;
      await lab.append('client.py', '# mine');
      await lab.button('Play').click();
      await lab.notice('There is no recording of this program.');
    });
  });

  test('the table of languages tells which of them run here, and without a runner that they are recorded', async () => {
    const python = (lab: LabPage) => lab.page.getByRole('row', { name: /^Python/ });
    await using here = await open('languages/');
    await python(here).getByText('yes', { exact: true }).waitFor();
    await using host = await serveFolder(siteDir, '/');
    await using elsewhere = await openLabPage(browser, new URL('/languages/', host.origin));
    await python(elsewhere).getByText('recorded', { exact: true }).waitFor();
    assert.equal(await elsewhere.page.getByRole('cell', { name: 'yes', exact: true }).count(), 0);
  });

  test('the run takes the place of the recording, and is not called one', async () => {
    await using lab = await open();
    await lab.verdict('Recording of .*Multipath TCP');
    await lab.button('Run').click();
    await lab.verdict('Multipath TCP');
    assert.equal(await lab.page.getByLabel('Recorded output of the client').isVisible(), false);
  });

  test('a runner that is shut down says so in the terminals', async () => {
    const own = await startRunner({ SITE_DIR: siteDir });
    await using lab = await openLabPage(browser, new URL('languages/python/', own.address));
    await lab.append('client.py', '\ninput("waiting ")');
    await lab.button('Run').click();
    await lab.shows('client', 'waiting');
    await own[Symbol.asyncDispose]();
    await lab.shows('client', 'stopped, the runner is shutting down');
  });

  test('Run waits for a free lab, says so, and goes on once there is one; Stop leaves the queue', async () => {
    await using own = await startRunner({ SITE_DIR: siteDir, LABS: '1', LABS_WARM: '0' });
    const url = new URL('languages/python/', own.address);
    const first = await openLabPage(browser, url);
    await first.button('Run').click();
    await first.verdict('Multipath TCP');
    await using second = await openLabPage(browser, url);
    await second.button('Run').click();
    await second.page.getByText('Run waits for a free lab. Yours is next.').waitFor();
    await second.button('Stop').click();
    await second.verdict('Recording of');
    await eventually('nobody waits', async () => (await own.status()).labs.queued === 0);
    await second.button('Run').click();
    await second.page.getByText('Run waits for a free lab. Yours is next.').waitFor();
    await first[Symbol.asyncDispose]();
    await second.verdict('Multipath TCP');
  });

  test('a lab that is taken out of the page ends, and works again when it is put back', async () => {
    await using lab = await open();
    await lab.append('client.py', '\ninput("waiting ")');
    await lab.button('Run').click();
    await lab.shows('client', 'waiting');
    const element = await lab.page.locator('mptcp-lab').elementHandle();
    await element?.evaluate((taken) => taken.remove());
    await eventually('no lab is open', async () => (await runner.status()).labs.open === 0);
    await element?.evaluate((taken) => document.querySelector('main')?.append(taken));
    await lab.button('Run').click();
    await lab.verdict('Multipath TCP');
    await lab.shows('client', 'exit code 0');
  });

  test('closing the page ends its lab and the programs in it', async () => {
    const lab = await open();
    await lab.append('client.py', '\ninput("waiting ")');
    await lab.button('Run').click();
    await lab.shows('client', 'waiting');
    assert.equal((await runner.status()).labs.open, 1);
    await lab[Symbol.asyncDispose]();
    await eventually('no lab is open', async () => (await runner.status()).labs.open === 0);
  });
});
