import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { startRunner } from '../lab/runner.ts';
import { visit } from '../lab/visitor.ts';
import { launchBrowser } from '../page/browser.ts';
import { openLabPage } from '../page/lab-page.ts';

/** On a machine that is alone in the world: everything works, and nobody outside is asked for anything. */
await using runner = await startRunner({ SITE_DIR: resolve('dist'), OPEN: '1', HOST: '0.0.0.0', METRICS_PORT: '0' });
const local = `http://127.0.0.1:${new URL(runner.address).port}/`;

await using visitor = await visit(local);
visitor.run(1, 'server', 'go');
visitor.run(2, 'client', 'go');
const { verdict } = await visitor.until('verdict', ({ final }) => final);
assert.equal(verdict.kind, 'multipath');
// A name server or an address outside has no route, and the kernel counts that.
assert.deepEqual(triedToLeave(), { v4: 0, v6: 0 });

await using browser = { chromium: await launchBrowser(), [Symbol.asyncDispose]: () => browser.chromium.close() };
for (const path of ['languages/python/', 'learn/', 'lab/']) {
  await using lab = await openLabPage(browser.chromium, new URL(path, local));
  const asked: string[] = [];
  lab.page.on('request', (request) => asked.push(new URL(request.url()).origin));
  await lab.page.reload({ waitUntil: 'networkidle' });
  if (path.startsWith('languages')) {
    await lab.button('Run').click();
    await lab.verdict('Multipath TCP');
  }
  const foreign = asked.filter((origin) => !['null', new URL(local).origin].includes(origin));
  assert.deepEqual(foreign, [], path);
}
console.log('nobody was asked');

function triedToLeave(): { v4: number; v6: number } {
  const [names = '', values = ''] = readFileSync('/proc/net/snmp', 'utf8').match(/^Ip: .*$/gm) ?? [];
  const v4 = Number(values.split(' ')[names.split(' ').indexOf('OutNoRoutes')]);
  const v6 = Number(/^Ip6OutNoRoutes\s+(\d+)/m.exec(readFileSync('/proc/net/snmp6', 'utf8'))?.[1]);
  return { v4, v6 };
}
