import assert from 'node:assert/strict';
import { request } from 'node:http';
import { after, before, describe, test } from 'node:test';
import { readSnippets } from '../../protocol/read-snippets.ts';
import { PROTOCOL } from '../../protocol/version.ts';
import { missing } from '../require.ts';
import { eventually, startRunner, type TestRunner } from './runner.ts';

describe('the service', { skip: await missing('lab') }, () => {
  let runner: TestRunner;
  before(async () => {
    runner = await startRunner();
  });
  after(() => runner[Symbol.asyncDispose]());

  test('tells its state', async () => {
    await eventually('it is ready', async () => (await fetch(new URL('readyz', runner.address))).status === 200);
    assert.equal((await fetch(new URL('healthz', runner.address))).status, 200);
    const status = await runner.status();
    assert.equal(status.protocol, PROTOCOL);
    assert.equal(status.kernel.mptcp, true);
    assert.equal(typeof status.kernel.netem, 'boolean');
    assert.equal(status.image.state, 'ready');
    assert.deepEqual(
      status.snippets,
      readSnippets('snippets').map(({ id }) => id),
    );
  });

  test('compresses what it serves', async () => {
    const page = await fetch(runner.address, { headers: { 'accept-encoding': 'gzip' } });
    assert.equal(page.headers.get('content-encoding'), 'gzip');
    assert.match(await page.text(), /<title>test/);
  });

  test('serves the site with a policy that allows no foreign script', async () => {
    const page = await fetch(runner.address);
    assert.match(await page.text(), /<title>test/);
    const policy = page.headers.get('content-security-policy') ?? '';
    assert.match(policy, /script-src 'self' 'wasm-unsafe-eval'/);
    assert.doesNotMatch(policy, /script-src[^;]*'unsafe-inline'/);
    assert.equal((await fetch(new URL('no/such/page', runner.address))).status, 404);
  });

  for (const path of [
    '/../package.json',
    '/..%2fpackage.json',
    '/%2e%2e/package.json',
    '/....//package.json',
    '/%00',
    '//etc/passwd',
  ]) {
    test(`gives nothing of the machine away at ${path}`, async () => {
      const { statusCode, body } = await rawGet(runner.address, path);
      assert.ok([400, 403, 404].includes(statusCode), String(statusCode));
      assert.doesNotMatch(body, /"dependencies"|root:/);
    });
  }

  test('answers to no foreign name', async () => {
    assert.equal((await rawGet(runner.address, '/', { host: 'rebound.example' })).statusCode, 403);
  });
});

/** As it stands: fetch would tidy the path up. */
function rawGet(
  address: string,
  path: string,
  headers: Record<string, string> = {},
): Promise<{ statusCode: number; body: string }> {
  const { hostname, port } = new URL(address);
  return new Promise((resolve, reject) => {
    const sent = request({ hostname, port, path, headers }, (response) => {
      let body = '';
      response.on('data', (chunk: Buffer) => {
        body += chunk.toString();
      });
      response.on('end', () => resolve({ statusCode: response.statusCode ?? 0, body }));
    });
    sent.once('error', reject);
    sent.end();
  });
}
