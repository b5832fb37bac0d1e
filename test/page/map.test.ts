import assert from 'node:assert/strict';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import type { Browser, Page } from 'playwright-core';
import type { Condition } from '../../protocol/condition.ts';
import type { FromRunner } from '../../protocol/message.ts';
import { parseRecording } from '../../protocol/recording.ts';
import { startRunner, type TestRunner } from '../lab/runner.ts';
import { visit } from '../lab/visitor.ts';
import { missing } from '../require.ts';
import { launchBrowser } from './browser.ts';
import { buildSite } from './built-site.ts';
import { type LabPage, openLabPage } from './lab-page.ts';

const skip = (await missing('chromium')) || (await missing('lab'));

/** Smaller letters are hard to read. */
const LEAST_LETTERS_PX = 10;
/**
 * Each address of the client with each one of the server; with IPv6 there is no room for ADD_ADDR with a port beside the
 * timestamps of TCP. `removed` is the server's endpoint that is taken back.
 */
const CROWDS = {
  ipv4: { wifi: '10.0.1.2', cellular: '10.0.2.2', cellularId: 1, server: ['10.0.9.1', '10.0.9.2'], flows: 6, removed: 2 },
  ipv6: { wifi: 'fd00:1::2', cellular: 'fd00:2::2', cellularId: 2, server: ['fd00:9::1', 'fd00:9::2'], flows: 4, removed: 1 },
} as const;

describe('the map of a network', { skip }, () => {
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

  for (const family of ['ipv4', 'ipv6'] as const) {
    test(`no letter lies on another one in a full mesh with announced addresses and a router that interferes, ${family}`, async () => {
      const events = await crowd(runner.address, family);
      await using lab = await openLabPage(browser, new URL('languages/python/', runner.address), {
        viewport: { width: 360, height: 740 },
      });
      const base = parseRecording(await readFile('snippets/python/recordings/as-shown.json', 'utf8'));
      await lab.page.route('**/recordings/python/as-shown.json', (route) => route.fulfill({ json: { ...base, events } }));
      await lab.button('Play').click();
      await lab.page
        .locator('.network-flow')
        .nth(CROWDS[family].flows - 1)
        .waitFor();
      await lab.page.getByText('drops MP_CAPABLE').waitFor();
      await lab.page.locator('.announced-server s').waitFor();
      assert.deepEqual(await lettersInTheWay(lab.page), []);
    });
  }

  test('a subflow on a link that is cut is stale: on the map, in the list and in words', async () => {
    await using lab = await openLabPage(browser, new URL('measurements/bulk-python/', runner.address));
    // The kernel takes up to two seconds, and a busy machine longer, to see that nothing comes through.
    await lab.replace('client.py', 'SECONDS = 5', 'SECONDS = 30');
    await lab.button('Run').click();
    await row(lab, 'cellular, established').waitFor();
    await lab.page.locator('.flow-bytes[data-moving]').first().waitFor();
    await lab.page.getByRole('button', { name: 'Cut Wi-Fi', exact: true }).click();
    await row(lab, 'Wi-Fi, stale').waitFor();
    await lab.page.locator('.flows .link-wifi [data-look=stale]').first().waitFor({ state: 'attached' });
    const words = /^Wi-Fi down\. .*goes on over cellular; the subflow over Wi-Fi is stale\./;
    await lab.page.getByRole('status', { name: 'Network in words' }).filter({ hasText: words }).waitFor({ state: 'attached' });
    assert.equal(
      await lab.page.locator('.flows .link-wifi .flow-bytes[data-moving]').count(),
      0,
      'nothing moves where nothing flows',
    );
  });

  test('signals are named once, and who wants no motion sees none', async () => {
    await using lab = await openLabPage(browser, new URL('measurements/bulk-python/', runner.address), {
      reducedMotion: 'reduce',
    });
    await lab.button('Run').click();
    for (const option of ['MP_CAPABLE', 'MP_JOIN']) await lab.page.locator('.signal-name', { hasText: option }).waitFor();
    await lab.page.locator('.flow-bytes[data-moving]').first().waitFor();
    assert.equal(await lab.page.locator('.signal-dot').count(), 0);
    const running = await lab.page.evaluate(() => {
      const moving = document.getAnimations().filter(({ playState }) => playState === 'running');
      return moving.map(({ effect }) => (effect instanceof KeyframeEffect ? effect.target?.getAttribute('class') : null));
    });
    assert.deepEqual(
      running.filter((name) => name?.includes('flow') || name?.includes('dot')),
      [],
    );
    await lab.button('Stop').click();
    await lab.page.locator('.signal').first().waitFor({ state: 'detached' });
  });

  const row = (lab: LabPage, words: string) => lab.page.getByRole('list', { name: 'Subflows' }).getByText(words, { exact: true });
});

/** What a real lab tells of a connection with all subflows that it may have. */
async function crowd(address: string, family: keyof typeof CROWDS): Promise<FromRunner[]> {
  const { wifi, cellular, cellularId, server, flows: least, removed } = CROWDS[family];
  const all = { subflows: 8, addAddrAccepted: 8 };
  const conditions: Condition[] = [
    { kind: 'limits', host: 'client', ...all },
    { kind: 'limits', host: 'server', ...all },
    { kind: 'endpoint-add', host: 'server', address: server[1], port: null, flags: ['signal'] },
    { kind: 'endpoint-add', host: 'server', address: server[0], port: 5005, flags: ['signal'] },
    { kind: 'endpoint-add', host: 'server', address: server[1], port: 5006, flags: ['signal'] },
    { kind: 'endpoint-change', host: 'client', id: cellularId, fullmesh: true },
    { kind: 'endpoint-add', host: 'client', address: wifi, port: null, flags: ['subflow', 'fullmesh'] },
    { kind: 'endpoint-add', host: 'client', address: cellular, port: 5007, flags: ['signal'] },
    { kind: 'link-loss', link: 'wifi', lossPercent: 0.5 },
    { kind: 'link-loss', link: 'cellular', lossPercent: 0.5 },
  ];
  await using visitor = await visit(address);
  let request = 0;
  const impose = async (condition: Condition) => {
    const number = ++request;
    visitor.say({ type: 'condition', request: number, condition });
    await visitor.until('conditions', (event) => event.request === number);
  };
  for (const condition of conditions) await impose(condition);
  visitor.run(1, 'server', 'bulk-python', { 'server.py': serverOf() });
  visitor.run(2, 'client', 'bulk-python', { 'client.py': clientOf(server[0]) });
  await visitor.until('flows', ({ flows }) => flows.length >= least);
  await impose({ kind: 'endpoint-remove', host: 'server', id: removed });
  await impose({ kind: 'options-stripped', from: 'syn-ack' });
  await impose({ kind: 'syn-dropped', dropped: true });
  await visitor.until('mptcp-event', ({ event }) => event.kind === 'removed');
  const startedAt = visitor.events.find(({ type }) => type === 'run-phase')?.at ?? 0;
  return visitor.events
    .filter(({ type }) => type !== 'welcome' && type !== 'waiting')
    .map((event) => ({ ...event, at: Math.max(0, Math.round(event.at - startedAt)) }));
}

const serverOf = () => `
import socket, threading
def take(c):
  while c.recv(65536): pass
with socket.socket(socket.AF_INET6, socket.SOCK_STREAM, 262) as m:
  m.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
  m.bind(("", 8262))
  m.listen()
  while True: threading.Thread(target=take, args=m.accept()[:1], daemon=True).start()
`;

const clientOf = (address: string) => `
import socket
s = socket.socket(${address.includes(':') ? 'socket.AF_INET6' : 'socket.AF_INET'}, socket.SOCK_STREAM, 262)
s.connect(("${address}", 8262))
while True: s.sendall(bytes(16384))
`;

/** What lies on other letters, beyond the drawing, or is too small. */
function lettersInTheWay(page: Page): Promise<string[]> {
  return page.evaluate((least) => {
    const drawing = document.querySelector('.network-drawing');
    const svg = drawing?.querySelector('svg');
    if (!(drawing instanceof HTMLElement) || svg === null || svg === undefined) return ['no drawing'];
    const scale = svg.getBoundingClientRect().width / svg.viewBox.baseVal.width;
    const edges = drawing.getBoundingClientRect();
    const inDrawing = [...svg.querySelectorAll('text')].map((text) => ({ text, scale }));
    const beside = [...drawing.querySelectorAll<HTMLElement>('.announced-server :is(p, li)')].map((text) => ({ text, scale: 1 }));
    const letters = [...inDrawing, ...beside]
      .filter(({ text }) => text.textContent?.trim() !== '')
      .map(({ text, scale }) => {
        const range = document.createRange();
        range.selectNodeContents(text);
        return {
          words: text.textContent ?? '',
          box: range.getBoundingClientRect(),
          px: parseFloat(getComputedStyle(text).fontSize) * scale,
        };
      });
    const faults: string[] = [];
    for (const [index, { words, box, px }] of letters.entries()) {
      if (px < least) faults.push(`"${words}" is ${px.toFixed(1)} px high`);
      if (box.left < edges.left - 1 || box.right > edges.right + 1) faults.push(`"${words}" leaves the drawing`);
      for (const other of letters.slice(index + 1)) {
        const isApart =
          box.right <= other.box.left ||
          other.box.right <= box.left ||
          box.bottom <= other.box.top ||
          other.box.bottom <= box.top;
        if (!isApart) faults.push(`"${words}" lies on "${other.words}"`);
      }
    }
    return faults;
  }, LEAST_LETTERS_PX);
}
