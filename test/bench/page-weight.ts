import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import type { Browser } from 'playwright-core';
import { launchBrowser } from '../page/browser.ts';
import { serveFolder } from '../page/static-server.ts';
import { figureOf } from './figure.ts';
import type { Place } from './place.ts';
import type { Row } from './row.ts';

const PAGES = { Home: '', 'C page': 'languages/c/', 'Python page': 'languages/python/' };
const DIST = join(import.meta.dirname, '../../dist');
const TARGET_KB = 100;

/** JavaScript that a page loads before Run is pressed, read to its end, as gzip sends it: files, and what is in the HTML. */
export async function pageWeightRows(_place: Place): Promise<Row[]> {
  await using site = await serveFolder(DIST, '/');
  await using browser = await launchBrowser();
  const rows: Row[] = [];
  for (const [title, path] of Object.entries(PAGES)) {
    const { transferredBytes, plainBytes } = await scriptsOf(browser, `${site.origin}/${path}`);
    const inKb = (bytes: number) => figureOf([bytes / 1000]);
    rows.push({
      what: `${title}: JavaScript before Run`,
      unit: 'kB',
      measured: inKb(transferredBytes),
      baseline: { what: 'not compressed', figure: inKb(plainBytes) },
      target: { kind: 'less-than', value: TARGET_KB },
    });
  }
  return rows;
}

async function scriptsOf(browser: Browser, url: string): Promise<{ transferredBytes: number; plainBytes: number }> {
  await using context = await browser.newContext({ viewport: { width: 1440, height: 900 } });
  const page = await context.newPage();
  const bodies: Promise<Buffer>[] = [];
  page.on('response', (response) => {
    if (response.request().resourceType() === 'script') bodies.push(response.body());
  });
  await page.goto(url, { waitUntil: 'networkidle' });
  await page.keyboard.press('End');
  await page.waitForLoadState('networkidle');

  const inline = await page.locator('script:not([src])').allTextContents();
  const scripts = [...(await Promise.all(bodies)), ...inline.map((text) => Buffer.from(text))];
  if (scripts.length === 0) throw new Error(`${url}: expected scripts, found none`);
  const sum = (sizes: number[]) => sizes.reduce((total, size) => total + size, 0);
  return {
    transferredBytes: sum(scripts.map((script) => gzipSync(script).length)),
    plainBytes: sum(scripts.map((s) => s.length)),
  };
}
