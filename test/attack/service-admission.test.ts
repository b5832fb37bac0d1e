import assert from 'node:assert/strict';
import { after, describe, test } from 'node:test';
import { eventually, startRunner } from '../lab/runner.ts';
import { type Visitor, visit } from '../lab/visitor.ts';
import { missing } from '../require.ts';
import { openReport } from './report.ts';

const IDLE = { 'client.py': 'input()' };
/** The tests stand in for a proxy that tells who comes. */
const BEHIND_PROXY = { TRUSTED_PROXIES: '127.0.0.1', LOG_LEVEL: 'silent' };

describe('attacks on the share of others', { skip: await missing('lab') }, () => {
  const report = openReport('Who takes more than a share');
  after(report.print);

  const from = (address: string, source: string): Promise<Visitor> => visit(address, { headers: { 'x-forwarded-for': source } });
  const isLimit = (event: { for: string; ownLimit?: number | null }) => event.for === 'lab' && event.ownLimit === 2;

  test('one address takes no more labs than its share, and others get theirs at once', async () => {
    await using runner = await startRunner({ ...BEHIND_PROXY, LABS: '4', LABS_PER_ADDRESS: '2', QUEUE: '4' });
    await using greedy = new AsyncDisposableStack();
    const visitors: Visitor[] = [];
    for (let count = 0; count < 4; count++) visitors.push(greedy.use(await from(runner.address, '192.0.2.1')));
    for (const visitor of visitors) visitor.run(1, 'client', 'python', IDLE);
    const [first, second, third, fourth] = visitors;
    await first?.until('lab-opened');
    await second?.until('lab-opened');
    await third?.until('waiting', isLimit);
    await fourth?.until('waiting', (event) => isLimit(event) && event.for === 'lab' && event.position === 2);

    await using guest = await from(runner.address, '192.0.2.2');
    guest.run(1, 'client', 'python', { 'client.py': 'print("at once")' });
    await guest.untilOutput(1, 'at once');
    assert.equal(
      guest.events.some((event) => event.type === 'waiting' && event.for === 'lab' && event.ownLimit !== null),
      false,
    );

    first?.socket().close();
    await third?.until('lab-opened');
    assert.equal((await fetch(new URL('readyz', runner.address))).status, 200);
    report.add({
      attack: 'four labs of four for one address',
      expected: 'two, others get theirs',
      seen: 'two, others get theirs',
    });
  });

  test('a full line is told by the name of its limit, and an address may not have all of it', async () => {
    await using runner = await startRunner({ ...BEHIND_PROXY, LABS: '1', QUEUE: '4' });
    await using open = new AsyncDisposableStack();
    const ask = async (source: string) => {
      const visitor = open.use(await from(runner.address, source));
      visitor.run(1, 'client', 'python', IDLE);
      return visitor;
    };
    await (await ask('192.0.2.1')).until('lab-opened');
    for (let count = 0; count < 3; count++) await (await ask('192.0.2.1')).until('waiting');
    const greedy = await (await ask('192.0.2.1')).until('error');
    assert.match(greedy.message, /3 of the runner’s QUEUE=4/);
    // A newcomer stands before the two that come again.
    await (await ask('192.0.2.2')).until('waiting', (event) => event.for === 'lab' && event.position === 1);
    const late = await (await ask('192.0.2.3')).until('error');
    assert.deepEqual([late.code, late.message.includes('QUEUE=4'), late.message.includes('LABS=1')], ['busy', true, true]);
    const ready = await fetch(new URL('readyz', runner.address));
    assert.deepEqual([ready.status, await ready.text()], [503, 'all labs or all sessions are in use\n']);
    report.add({ attack: 'a whole line for one address', expected: 'refused by name', seen: 'refused by name' });
  });

  test('one address opens no more sessions than its share', async () => {
    await using runner = await startRunner({ ...BEHIND_PROXY, SESSIONS: '4', SESSIONS_PER_ADDRESS: '2', LABS_WARM: '0' });
    const open: Visitor[] = [];
    for (let count = 0; count < 2; count++) open.push(await from(runner.address, '192.0.2.1'));
    const refused = await from(runner.address, '192.0.2.1');
    assert.match((await refused.until('error')).message, /SESSIONS_PER_ADDRESS/);
    assert.equal(await refused.closed(), 1013);
    // Of the same /64, then of other addresses.
    for (const source of ['2001:db8::1', '2001:db8::2']) open.push(await from(runner.address, source));
    const last = await from(runner.address, '192.0.2.9');
    assert.match((await last.until('error')).message, /SESSIONS\)/);
    assert.equal((await fetch(new URL('readyz', runner.address))).status, 503);
    open[0]?.socket().close();
    await eventually('its place is given back', async () => {
      await using visitor = await from(runner.address, '192.0.2.9');
      await Promise.race([visitor.until('welcome'), visitor.closed()]);
      return visitor.events[0]?.type === 'welcome';
    });
    await Promise.all(open.map((visitor) => visitor[Symbol.asyncDispose]()));
    report.add({ attack: 'sessions without end', expected: 'closed with 1013', seen: 'closed with 1013' });
  });

  test('who waits is told for how long, once labs were given back', async () => {
    await using runner = await startRunner({ ...BEHIND_PROXY, LABS: '1' });
    for (let count = 0; count < 3; count++) {
      await using visitor = await from(runner.address, '192.0.2.1');
      visitor.run(1, 'client', 'python', { 'client.py': 'pass' });
      await visitor.until('run-ended');
    }
    await using holder = await from(runner.address, '192.0.2.1');
    holder.run(1, 'client', 'python', IDLE);
    await holder.until('lab-opened');
    await using waiting = await from(runner.address, '192.0.2.2');
    waiting.run(1, 'client', 'python', IDLE);
    const told = await waiting.until('waiting', (event) => event.for === 'lab' && event.expectedMs !== null);
    assert.ok(told.for === 'lab' && told.expectedMs !== null && told.expectedMs > 0 && told.expectedMs < 60_000);
  });
});
