import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { promisify } from 'node:util';
import type { Browser, Page } from 'playwright-core';
import { imageRoot } from '../../image/location.ts';
import type { DeviceState } from '../../protocol/device.ts';
import { readDeviceSnippets } from '../../protocol/read-device-snippets.ts';
import { missingOutside, openOutsideDevice } from '../lab/outside.ts';
import { eventually, startRunner, type TestRunner } from '../lab/runner.ts';
import { missing } from '../require.ts';
import { launchBrowser } from './browser.ts';
import { buildSite } from './built-site.ts';
import { serveFolder } from './static-server.ts';

const SETTINGS = { DEVICES: '1', DEVICES_HELLO_PORT: '0', DEVICES_HTTP_PORT: '0', LABS_WARM: '0' };
const skip = (await missing('chromium')) || (await missing('lab'));

describe('the page of a device', { skip }, () => {
  let browser: Browser;
  let siteDir: string;
  let runner: TestRunner;
  let ports: Extract<DeviceState, { state: 'on' }>;
  before(async () => {
    siteDir = await mkdtemp(join(tmpdir(), 'hello-site-'));
    await buildSite(siteDir, '/');
    runner = await startRunner({ SITE_DIR: siteDir, ...SETTINGS });
    await eventually('the services for devices are on', async () => {
      const state: DeviceState = await (await fetch(new URL('api/devices', runner.address))).json();
      if (state.state === 'on') ports = state;
      return state.state === 'on';
    });
    browser = await launchBrowser();
  });
  after(async () => {
    await browser.close();
    await runner[Symbol.asyncDispose]();
    await rm(siteDir, { recursive: true });
  });

  const open = async (origin: string, id = 'swift-ios') => {
    const page = await browser.newPage({ viewport: { width: 1440, height: 900 } });
    await page.goto(new URL(`apple/${id}/`, origin).href);
    return page;
  };
  const wait = (page: Page) => page.getByRole('button', { name: 'Wait for my device' }).click();
  const service = (page: Page) => page.getByRole('status', { name: 'Device service' });
  const latest = (page: Page) => page.getByRole('list', { name: 'Connections' }).getByRole('listitem').first();

  for (const { id, manifest } of readDeviceSnippets('snippets')) {
    test(`${id} gets the address of this machine into its code`, async () => {
      await using page = await open(runner.address, id);
      const code = page.getByRole('tabpanel', { name: manifest.files[0] ?? '' });
      assert.match((await code.textContent()) ?? '', /192\.0\.2\.1/);
      await wait(page);
      await service(page).getByText('Waiting for a connection').waitFor();
      const port = String(manifest.service === 'http' ? ports.httpPort : ports.helloPort);
      const [host = ''] = ports.addresses.filter((address) => !address.includes(':'));
      await service(page).getByText(port, { exact: true }).waitFor();
      const text = (await code.textContent()) ?? '';
      assert.ok(text.includes(`"${host}"`) || text.includes(`http://${host}:${port}/`), text);
      assert.ok(text.includes(port));
    });
  }

  test('a plain TCP connection is shown with why it is one, and the page goes on waiting', async () => {
    await using page = await open(runner.address);
    await wait(page);
    await service(page).getByText('Waiting for a connection').waitFor();
    const answer = await fetch(`http://127.0.0.1:${ports.httpPort}/`, { headers: { connection: 'close' } });
    assert.equal(await answer.text(), 'You are not using MPTCP.\n');
    await latest(page).getByText('Plain TCP', { exact: true }).waitFor();
    await latest(page).getByText('had no option of Multipath TCP').waitFor();
    await latest(page)
      .getByText(/127\.0\.0\.1 port \d+, http service, closed/)
      .waitFor();
    await service(page).getByText('Waiting for the next one').waitFor();
  });

  test('a Multipath TCP connection is shown, and marked as earlier to who comes later', async () => {
    await using page = await open(runner.address);
    await wait(page);
    await service(page).getByText('Waiting for a connection').waitFor();
    const hello = `import socket
s = socket.socket(socket.AF_INET, socket.SOCK_STREAM, 262)
s.connect(("127.0.0.1", ${ports.helloPort}))
s.sendall(b"hello from test\\n")
print(s.recv(99).decode(), end="")`;
    const image = ['--ro-bind', imageRoot(), '/', '--dev', '/dev', 'python3', '-c', hello];
    assert.equal((await promisify(execFile)('bwrap', image)).stdout, 'hello 127.0.0.1, I am hello-mptcp\n');
    await latest(page).getByText('Multipath TCP, 1 subflow', { exact: true }).waitFor();
    await latest(page).getByText('ended before a second one came').waitFor();

    await using later = await open(runner.address, 'apple-c');
    await wait(later);
    await latest(later).getByText('earlier', { exact: true }).waitFor();
    assert.equal(await latest(page).getByText('earlier', { exact: true }).count(), 0);
  });

  test('two subflows of a device outside are shown with both addresses', { skip: missingOutside() }, async () => {
    await using device = await openOutsideDevice();
    await using page = await open(runner.address);
    await wait(page);
    await service(page).getByText('Waiting for a connection').waitFor();
    const client = device.python(
      'import socket, sys; s = socket.socket(2, 1, 262); s.connect((sys.argv[1], int(sys.argv[2]))); s.sendall(b"GET / HTTP/1.1\\r\\n\\r\\n"); sys.stdin.read()',
      device.machine,
      String(ports.httpPort),
    );
    await latest(page).getByText('Multipath TCP, 2 subflows', { exact: true }).waitFor();
    await latest(page).getByText(`subflow 2: ${device.addresses[1]}`).waitFor();
    client.stdin?.end();
    await latest(page).getByText('http service, closed').waitFor();
  });

  test('Stop waiting lets the runner alone, and the same page can wait again', async () => {
    await using page = await open(runner.address);
    await wait(page);
    await service(page).getByText('Waiting for a connection').waitFor();
    await page.getByRole('button', { name: 'Stop waiting' }).click();
    await service(page).getByText('Waiting for a connection').waitFor({ state: 'detached' });
    await wait(page);
    await service(page).getByText('Waiting for a connection').waitFor();
  });

  test('tabs show the entitlement and the settings', async () => {
    await using page = await open(runner.address);
    await page.getByRole('tab', { name: 'Hello.entitlements' }).click();
    assert.ok(await page.getByText('com.apple.developer.networking.multipath').first().isVisible());
    assert.ok(await page.getByRole('tabpanel', { name: 'Hello.swift' }).isHidden());
  });

  test('says how an operator switches it on, where it is off', async () => {
    await using off = await startRunner({ SITE_DIR: siteDir, LABS_WARM: '0' });
    await using page = await open(off.address);
    await wait(page);
    await service(page).getByText('This runner is not open to devices. Its operator opens it by DEVICES=1 npm start.').waitFor();
    await page.getByRole('button', { name: 'Wait for my device' }).waitFor();
  });

  test('says so where there is no runner', async () => {
    await using files = await serveFolder(siteDir, '/');
    await using page = await open(files.origin);
    await wait(page);
    await service(page).getByText('This page has no runner behind it.').waitFor();
  });
});
