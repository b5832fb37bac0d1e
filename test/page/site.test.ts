import assert from 'node:assert/strict';
import { globSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { gzipSync } from 'node:zlib';
import type { Browser, Page } from 'playwright-core';
import { readDeviceSnippets } from '../../protocol/read-device-snippets.ts';
import { readSnippets } from '../../protocol/read-snippets.ts';
import { lessons } from '../../site/lessons/lessons.ts';
import { missing } from '../require.ts';
import { brokenLinks } from './broken-links.ts';
import { launchBrowser } from './browser.ts';
import { buildSite } from './built-site.ts';
import { serveFolder } from './static-server.ts';

const SNIPPETS = readSnippets('snippets');
const SNIPPET_PAGES = SNIPPETS.map(({ id, manifest }) => `${manifest.kind}s/${id}/`);
const APPLE_PAGES = readDeviceSnippets('snippets').map(({ id }) => `apple/${id}/`);
const SELF_HOST_PAGES = globSync('*.mdx', { cwd: 'site/content/docs/self-host' }).map((file) =>
  file === 'index.mdx' ? 'self-host/' : `self-host/${basename(file, '.mdx')}/`,
);
const COURSE_PAGES = ['learn/', ...lessons.map(({ id }) => `learn/${id}/`), 'learn/progress/', 'lab/'];
const PAGES = [
  ...['', 'languages/', 'programs/', 'programs/systemd/'],
  ...[...COURSE_PAGES, ...SNIPPET_PAGES, ...APPLE_PAGES, ...SELF_HOST_PAGES],
  ...['about/', '404.html'],
];
const WIDTHS_PX = [1440, 768, 390, 320];
/** JavaScript of a page before Run is pressed, as sent with gzip. */
const SCRIPT_BUDGET_BYTES = 100_000;

const skip = await missing('chromium');
let browser: Browser;
before(async () => {
  if (!skip) browser = await launchBrowser();
});
after(() => browser?.close());

for (const base of ['/', '/some/base/']) {
  describe(`the site under ${base}`, { skip }, () => {
    const undo = new AsyncDisposableStack();
    after(() => undo.disposeAsync());
    let origin: string;
    before(async () => {
      const folder = await mkdtemp(join(tmpdir(), 'hello-site-'));
      undo.defer(() => rm(folder, { recursive: true }));
      await buildSite(folder, base);
      origin = undo.use(await serveFolder(folder, base)).origin;
    });

    test('every internal link, anchor and asset leads somewhere', async () => {
      assert.deepEqual(await brokenLinks(`${origin}${base}`, PAGES), []);
    });

    for (const path of PAGES) {
      test(`/${path} asks no other origin for anything, gets all it asks for, and little JavaScript`, async (t) => {
        await using page = await openPage();
        const strange: string[] = [];
        const scripts: Promise<Buffer>[] = [];
        page.on('request', (request) => request.url().startsWith(`${origin}${base}`) || strange.push(request.url()));
        page.on('pageerror', (error) => strange.push(error.message));
        page.on('response', (response) => {
          if (!response.ok()) strange.push(`${response.status()} ${response.url()}`);
          if (response.headers()['content-type'] === 'text/javascript') scripts.push(response.body());
        });
        await page.goto(`${origin}${base}${path}`, { waitUntil: 'networkidle' });
        assert.deepEqual(strange, []);

        const bytes = (await Promise.all(scripts)).reduce((sum, script) => sum + gzipSync(script).length, 0);
        assert.ok(bytes > 0 && bytes < SCRIPT_BUDGET_BYTES, `expected less than ${SCRIPT_BUDGET_BYTES} bytes, found ${bytes}`);
        t.diagnostic(`${bytes} bytes of compressed JavaScript`);
      });
    }

    test('the search finds a page and leads to it', async () => {
      await using page = await openPage();
      await page.goto(`${origin}${base}`);
      const box = page.locator('#starlight__search input');
      await box.waitFor({ state: 'attached' });
      await page.keyboard.press('Control+k');
      await box.fill('getaddrinfo');
      await page.getByRole('link', { name: 'Multipath TCP in Python' }).first().click();
      await page.waitForURL(`${origin}${base}languages/python/**`);
    });

    if (base !== '/') return;

    for (const path of PAGES) {
      test(`/${path} has one h1, headings in order, a title, a description and a language, and never scrolls sideways`, async () => {
        await using page = await openPage();
        await page.goto(`${origin}/${path}`);
        assert.equal(await page.locator('h1').count(), 1);
        const levels = await page
          .locator('h1, h2, h3, h4, h5, h6')
          .evaluateAll((all) => all.map((one) => Number(one.tagName[1])));
        const skipping = levels.filter((level, index) => level > (levels[index - 1] ?? 0) + 1);
        assert.deepEqual(skipping, [], `levels ${levels}`);
        assert.match(await page.title(), /^.{5,} · Hello MPTCP$/);
        assert.match((await page.locator('meta[name=description]').getAttribute('content')) ?? '', /.{40,}/);
        assert.equal(await page.locator('html').getAttribute('lang'), 'en');

        assert.deepEqual(await sidewaysScroll(page), []);
      });
    }

    for (const [path, words] of [
      ['', ['In a minute', 'socket.IPPROTO_MPTCP', 'npm start']],
      ['languages/python/', ['socket.IPPROTO_MPTCP', 'def stream_socket', 'ENOPROTOOPT', 'Measured on Linux']],
      ['languages/c/', ['IPPROTO_MPTCP', 'static int stream_socket', 'EPROTONOSUPPORT', 'glibc']],
      ['apple/swift-ios/', ['configuration.multipathServiceType = .handover', 'Run it on your device', 'DEVICES=1 npm start']],
    ] as const) {
      test(`/${path} is complete without JavaScript`, async () => {
        await using page = await openPage({ javaScriptEnabled: false });
        await page.goto(`${origin}/${path}`);
        for (const text of words) await page.getByText(text).filter({ visible: true }).first().waitFor();
      });
    }

    test('the first key press offers to skip to the content', async () => {
      await using page = await openPage();
      await page.goto(`${origin}/languages/c/`);
      await page.keyboard.press('Tab');
      assert.equal(await page.evaluate(() => document.activeElement?.textContent), 'Skip to content');
      await page.keyboard.press('Enter');
      await page.waitForURL('**#_top');
      assert.equal(await page.locator('#_top').evaluate((element) => element.tagName), 'H1');
    });

    test('a chosen theme stays on the next page, and the system decides until then', async () => {
      await using page = await openPage({ colorScheme: 'light' });
      await page.goto(`${origin}/`);
      await page.locator('html[data-theme=light]').waitFor();
      await page.getByRole('button', { name: 'Switch to the dark theme' }).click();
      await page.goto(`${origin}/about/`);
      await page.locator('html[data-theme=dark]').waitFor();
    });

    test('cutting a link in the drawing changes what it says, also by keyboard', async () => {
      await using page = await openPage();
      await page.goto(`${origin}/`);
      await page.getByLabel('Both links').focus();
      await page.keyboard.press('ArrowRight');
      assert.ok(await page.getByText('goes on over cellular').isVisible());
      assert.ok(await page.getByText('uses Wi-Fi and cellular as one connection').isHidden());
    });

    test('the languages can be filtered, and sorted by a column', async () => {
      await using page = await openPage();
      await page.goto(`${origin}/languages/`);
      const table = page.getByRole('region', { name: 'Languages' });
      const rows = table.getByRole('row').filter({ has: page.getByRole('rowheader') });
      await page.getByLabel('Filter').fill('pyth');
      assert.deepEqual(await rows.getByRole('rowheader').allInnerTexts(), ['Python']);
      await page.getByText(/^1 of \d+$/).waitFor();
      await page.getByLabel('Filter').fill('');
      const names = await rows.getByRole('rowheader').allInnerTexts();
      assert.equal(names.length, SNIPPETS.filter(({ manifest }) => manifest.kind === 'language').length);
      await page.getByRole('button', { name: 'Language' }).click();
      assert.deepEqual(await rows.getByRole('rowheader').allInnerTexts(), names.toReversed());
      await page.getByRole('columnheader', { name: 'Language' }).and(page.locator('[aria-sort=descending]')).waitFor();
    });

    test('an address that does not exist leads to the pages there are', async () => {
      await using page = await openPage();
      const response = await page.goto(`${origin}/languages/cobol/`);
      assert.equal(response?.status(), 404);
      await page.getByRole('main').getByRole('link', { name: 'Python' }).click();
      await page.waitForURL('**/languages/python/');
    });

    test('selecting the difference copies code and no signs', async () => {
      await using page = await openPage();
      await page.goto(`${origin}/languages/c/`);
      const copied = await page.evaluate(() => {
        const line = document.querySelector('ins');
        if (line) getSelection()?.selectAllChildren(line);
        return getSelection()?.toString();
      });
      assert.equal(copied?.trim(), 'fd = socket(AF_INET, SOCK_STREAM, IPPROTO_MPTCP);');
    });
  });
}

/** The themes and widths at which the page is wider than the window. */
async function sidewaysScroll(page: Page): Promise<string[]> {
  const tooWide: string[] = [];
  for (const theme of ['dark', 'light'] as const) {
    await page.emulateMedia({ colorScheme: theme });
    await page.locator(`html[data-theme=${theme}]`).waitFor();
    for (const width of WIDTHS_PX) {
      await page.setViewportSize({ width, height: 900 });
      const scrollWidth = await page.evaluate(() => document.documentElement.scrollWidth);
      if (scrollWidth > width) tooWide.push(`${theme}, ${width} px: ${scrollWidth} px`);
    }
  }
  return tooWide;
}

function openPage(options: Parameters<Browser['newPage']>[0] = {}): Promise<Page> {
  return browser.newPage({ viewport: { width: 1440, height: 900 }, ...options });
}
