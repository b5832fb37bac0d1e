import assert from 'node:assert/strict';
import { tmpdir } from 'node:os';
import { resolve } from 'node:path';
import { eventually, startRunner } from '../lab/runner.ts';
import { visit } from '../lab/visitor.ts';
import { launchBrowser } from '../page/browser.ts';
import { openLabPage } from '../page/lab-page.ts';
import { ALONE } from './alone.ts';
import { makeCertificate } from './certificate.ts';
import { PROXIES, startProxy } from './real-proxy.ts';

/**
 * `behind-proxy.ts PROXY`, on a machine that is alone in the world: a real runner behind the proxy, as deploy/proxy/ has it.
 * The first failed assertion is its end.
 */
const [wanted] = process.argv.slice(2);
const name = PROXIES.find((known) => known === wanted) ?? assert.fail(`Expected one of ${PROXIES}, found "${wanted}"`);
const CODE = 'K7Q-M4T-XP9';
const SITE = `https://${ALONE.name}/`;
const STRANGER = '203.0.113.9';
const settings = { PORT: '8262', SITE_DIR: resolve('dist'), PUBLIC_ORIGINS: `https://${ALONE.name}`, JOIN_CODE: CODE };

const certificate = await makeCertificate(tmpdir(), ALONE.name);
process.env['NODE_TLS_REJECT_UNAUTHORIZED'] = '0';
process.removeAllListeners('warning');
await using _proxy = await startProxy(name, tmpdir(), certificate);

/** Whether the runner takes so many sessions of one page at a time, whatever the page says who it is. */
async function takes(sessions: number, cookie: string): Promise<boolean> {
  await using visitors = new AsyncDisposableStack();
  for (let number = 1; number <= sessions; number++) {
    const headers = { cookie, 'x-forwarded-for': `203.0.113.${number}` };
    const visitor = visitors.use(await visit(SITE, { headers }));
    await visitor.untilHolds(() => visitor.events.length > 0, 'the first word of the runner');
    if (visitor.events.some((event) => event.type === 'error' && event.code === 'busy')) return false;
  }
  return true;
}

async function untilServed(): Promise<void> {
  await eventually('the proxy has found the runner', async () => (await fetch(`${SITE}healthz`)).status === 200);
}

async function join(): Promise<string> {
  const headers = { 'content-type': 'application/json', origin: `https://${ALONE.name}`, 'x-forwarded-for': STRANGER };
  const answer = await fetch(`${SITE}api/join`, { method: 'POST', headers, body: JSON.stringify({ code: CODE }) });
  assert.equal(answer.status, 204);
  const [cookie = ''] = answer.headers.getSetCookie();
  assert.match(cookie, /; Secure/, 'the cookie goes over TLS only');
  return cookie.split(';')[0] ?? '';
}

{
  await using _runner = await startRunner({ ...settings, TRUSTED_PROXIES: '127.0.0.1', SESSIONS_PER_ADDRESS: '2' });
  await untilServed();
  const toPlain = await fetch(`http://${ALONE.name}/learn/`, { redirect: 'manual' });
  assert.ok([301, 308].includes(toPlain.status), `HTTP leads to HTTPS, found ${toPlain.status}`);
  assert.equal(toPlain.headers.get('location'), `${SITE}learn/`);
  assert.equal((await fetch(`${SITE}metrics`)).status, 404);

  const cookie = await join();
  await using visitor = await visit(SITE, { headers: { cookie } });
  visitor.run(1, 'server', 'python');
  visitor.run(2, 'client', 'python');
  const { verdict } = await visitor.until('verdict', ({ final }) => final);
  assert.equal(verdict.kind, 'multipath');
  // A network that is lost: the proxy lets the page come back to its session.
  await visitor.lose();
  await visitor.comeBack();
  await visitor[Symbol.asyncDispose]();

  assert.equal(await takes(3, cookie), false, 'the proxy is believed who the visitor is, and the visitor is not');

  await using browser = { chromium: await launchBrowser(), [Symbol.asyncDispose]: () => browser.chromium.close() };
  const url = new URL(`languages/python/?join=${CODE}`, SITE);
  await using lab = await openLabPage(browser.chromium, url, { ignoreHTTPSErrors: true });
  await lab.button('Run').click();
  await lab.verdict('Multipath TCP');
}
{
  await using _runner = await startRunner({ ...settings, SESSIONS_PER_ADDRESS: '2' });
  await untilServed();
  const cookie = await join();
  assert.equal(await takes(3, cookie), true, 'without TRUSTED_PROXIES nobody is told from another by what a header says');
}
console.log(`${name}: as it should be`);
