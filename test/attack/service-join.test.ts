import assert from 'node:assert/strict';
import { once } from 'node:events';
import { request } from 'node:http';
import { after, before, describe, test } from 'node:test';
import WebSocket from 'ws';
import { PROTOCOL } from '../../protocol/version.ts';
import { GUESSES } from '../../runner/server/join/guess-limit.ts';
import { startRunner, type TestRunner } from '../lab/runner.ts';
import { visit } from '../lab/visitor.ts';
import { missing } from '../require.ts';
import { openReport } from './report.ts';

const CODE = 'K7Q-M4T-XP9';

describe('attacks on the join code', { skip: await missing('lab') }, () => {
  const report = openReport('Strangers at the door');
  after(report.print);
  let runner: TestRunner;
  before(async () => {
    runner = await startRunner({ JOIN_CODE: CODE, TRUSTED_PROXIES: '127.0.0.1', LOG_LEVEL: 'fatal', LABS_WARM: '0' });
  });
  after(() => runner[Symbol.asyncDispose]());

  type Answer = { status: number; cookie: string; location: string; retryAfter: number; body: string };
  /** As a client that is no browser may ask, `from` an address that the proxy vouches for. */
  const ask = async (path: string, from: string, { code, headers = {} }: { code?: string; headers?: object } = {}) => {
    const { hostname, port, origin } = new URL(runner.address);
    const asked = request({
      ...{ hostname, port, path, method: code === undefined ? 'GET' : 'POST' },
      headers: { 'x-forwarded-for': from, origin, 'content-type': 'application/json', ...headers },
    });
    asked.end(code === undefined ? undefined : JSON.stringify({ code }));
    const [response] = await once(asked, 'response');
    let body = '';
    for await (const chunk of response) body += chunk;
    const { location = '', 'set-cookie': cookies = [], 'retry-after': retryAfter = '0' } = response.headers;
    const [cookie = ''] = String(cookies[0] ?? '').split(';');
    return { status: response.statusCode, cookie, location, retryAfter: Number(retryAfter), body } satisfies Answer;
  };
  const guess = (code: string, from: string) => ask('/api/join', from, { code });
  const wrongCode = (number: number) => `AAA-AAA-${String(number).padStart(3, '0')}`;

  /** What the upgrade is answered with. */
  const upgrade = async (headers: Record<string, string>): Promise<number> => {
    const socket = new WebSocket(new URL('api/session', runner.address.replace('http', 'ws')), PROTOCOL, {
      origin: new URL(runner.address).origin,
      headers,
    });
    socket.on('error', () => {});
    const status = await Promise.race([
      once(socket, 'open').then(() => 101),
      once(socket, 'unexpected-response').then(([, response]) => Number(response.statusCode)),
    ]);
    socket.terminate();
    return status;
  };
  /** Guesses until the next guess of this source is seconds away. */
  const useUpGuesses = async (from: string): Promise<void> => {
    for (let number = 0; ; number++) {
      const answer = await (number % 2 === 0 ? guess(wrongCode(number), from) : ask(`/?join=${wrongCode(number)}`, from));
      assert.equal(answer.cookie, '');
      if (answer.status === 429 && answer.retryAfter >= 3) return;
    }
  };
  const join = async (from: string): Promise<string> => {
    const { status, cookie } = await guess(CODE, from);
    assert.equal(status, 204);
    return cookie;
  };

  test('a stranger reads the pages and gets no lab; who has the code gets one', async () => {
    assert.equal((await ask('/', '192.0.2.1')).status, 200);
    assert.equal((await runner.status()).join, 'code-wanted');
    const cookie = await join('192.0.2.1');
    const status = await ask('/api/status', '192.0.2.1', { headers: { cookie } });
    assert.match(status.body, /"join":"joined"/);
    await using visitor = await visit(runner.address, { headers: { cookie } });
    visitor.run(1, 'client', 'python', { 'client.py': 'print("let in")' });
    await visitor.untilOutput(1, 'let in');
  });

  test('no cookie, a foreign one, a changed one: no session', async () => {
    await using other = await startRunner({ JOIN_CODE: 'ZZZ-ZZZ-ZZZ', LABS_WARM: '0' });
    const host = new URL(other.address).host;
    const foreign = await fetch(new URL('?join=ZZZ-ZZZ-ZZZ', other.address), { redirect: 'manual', headers: { host } });
    const [foreignCookie = ''] = (foreign.headers.get('set-cookie') ?? '').split(';');
    assert.match(foreignCookie, /^hello-mptcp-\d+=\d+\./);
    const cookie = await join('192.0.2.1');
    const renamed = foreignCookie.replace(/^[^=]*/, cookie.split('=')[0] ?? '');
    for (const [name, value] of [
      ['no cookie', ''],
      ["another runner's cookie", renamed],
      ['a cookie of tomorrow', cookie.replace(/=(\d+)/, (_, seconds) => `=${Number(seconds) + 86_400}`)],
      ['a cookie without its signature', cookie.replace(/\..*/, '.')],
      ['the code as a cookie', `${cookie.split('=')[0]}=${CODE}`],
      ['300 cookies', Array.from({ length: 300 }, (_, number) => `${cookie.split('=')[0]}=${number}.x`).join('; ')],
    ] as const) {
      const seen = await upgrade({ cookie: value });
      assert.equal(seen, 403, name);
      report.add({ attack: name, expected: 'no session', seen: String(seen) });
    }
    assert.equal(await upgrade({ cookie: `other=1; ${cookie}` }), 101);
  });

  test('a link takes its token out of the address, and leads to no other host', async () => {
    const link = new URL(runner.invitation?.links[0] ?? '');
    for (const [path, location] of [
      ['/', './'],
      ['/languages/python/?theme=dark&', './?theme=dark'],
      ['//attacker.example/', './'],
      ['/\\attacker.example/..', './'],
      ['/https://attacker.example', './attacker.example'],
    ] as const) {
      const query = `${path.includes('?') ? '' : '?'}${link.search.slice(1)}`;
      const answer = await ask(`${path}${query}`, '192.0.2.1');
      assert.deepEqual([answer.status, answer.location], [303, location], path);
      assert.equal(await upgrade({ cookie: answer.cookie }), 101);
    }
    report.add({ attack: 'a link that leads elsewhere', expected: 'stays on the host', seen: 'stays on the host' });
  });

  test('a foreign page can neither guess nor use up guesses', async () => {
    const { status } = await ask('/api/join', '192.0.2.2', { code: CODE, headers: { origin: 'http://attacker.example' } });
    const image = await ask(`/?join=${CODE}`, '192.0.2.2', { headers: { 'sec-fetch-dest': 'image' } });
    assert.deepEqual([status, image.status, image.cookie], [403, 200, '']);
    report.add({ attack: "another site's page that guesses", expected: 'not taken', seen: 'not taken' });
  });

  test('guessing from one address is slowed down; who has joined, the link, and others are not', async () => {
    const from = '192.0.2.9';
    const joined = await join(from);
    await useUpGuesses(from);
    const refused = await guess(CODE, from);
    assert.equal(refused.status, 429);
    assert.ok(refused.retryAfter >= 1 && refused.retryAfter <= 60 / GUESSES.ofSource.perMinute, String(refused.retryAfter));
    await useUpGuesses(from);
    const byLink = await ask(`/?join=${CODE}`, from);
    assert.deepEqual([byLink.status, byLink.cookie, byLink.retryAfter > 0], [429, '', true]);
    await useUpGuesses(from);
    // An address that the visitor invented stands before the one that the proxy saw.
    assert.equal((await guess(CODE, `198.51.100.77, ${from}`)).status, 429);
    assert.equal(await upgrade({ cookie: joined, 'x-forwarded-for': from }), 101);
    assert.equal((await ask(`/${new URL(runner.invitation?.links[0] ?? '').search}`, from)).status, 303);
    assert.equal((await guess(CODE, '192.0.2.10')).status, 204);
    report.add({ attack: 'guessing from one address', expected: '429, others join', seen: '429, others join' });
  });

  test('guessing from many addresses is slowed down in all; a link still works', async () => {
    let seen = 0;
    // Each one the first of its address, so that the limit of all is what refuses.
    for (let number = 0; number < 2 * GUESSES.ofAll.burst && seen !== 429; number++) {
      // Each one a /64 of its own.
      seen = (await guess(wrongCode(number), `2001:db8:0:${number.toString(16)}::1`)).status;
    }
    assert.equal(seen, 429);
    const byLink = await ask(`/${new URL(runner.invitation?.links[0] ?? '').search}`, '192.0.2.20');
    assert.equal(await upgrade({ cookie: byLink.cookie }), 101);
    report.add({ attack: 'guessing from many addresses', expected: '429, links work', seen: '429, links work' });
  });

  for (const [name, body] of [
    ['no JSON', '{'],
    ['no code', '{}'],
    ['a code that is none', '{"code":[["K7Q"]]}'],
    ['a code of 100 kB', JSON.stringify({ code: 'K'.repeat(100_000) })],
  ] as const) {
    test(`${name} is refused`, async () => {
      const headers = { origin: new URL(runner.address).origin, 'content-type': 'application/json' };
      const answer = await fetch(new URL('api/join', runner.address), { method: 'POST', body, headers });
      assert.ok([400, 413].includes(answer.status), String(answer.status));
    });
  }
});

describe('who is asked for a join code', { skip: await missing('lab') }, () => {
  for (const [settings, join] of [
    [{}, 'open'],
    [{ HOST: '0.0.0.0' }, 'code-wanted'],
    [{ HOST: '0.0.0.0', OPEN: '1' }, 'open'],
    [{ PUBLIC_ORIGINS: 'https://mptcp.example' }, 'code-wanted'],
    [{ PUBLIC_ORIGINS: 'http://localhost:4321,http://127.0.0.1:4321' }, 'open'],
  ] as const) {
    test(`with ${JSON.stringify(settings)}: ${join}`, async () => {
      await using runner = await startRunner({ LABS_WARM: '0', ...settings });
      assert.equal((await runner.status()).join, join);
      assert.equal(runner.invitation === null, join === 'open');
    });
  }
});
