import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import type { Condition } from '../../protocol/condition.ts';
import { MAX_WAITING_CONDITIONS } from '../../protocol/message.ts';
import { missing } from '../require.ts';
import { startRunner, type TestRunner } from './runner.ts';
import { type Visitor, visit } from './visitor.ts';

describe('a condition that a page asks for', { skip: await missing('lab') }, () => {
  let runner: TestRunner;
  before(async () => {
    runner = await startRunner();
  });
  after(() => runner[Symbol.asyncDispose]());

  test('takes a lab, is answered with all conditions, and holds for each run until the reset', async () => {
    await using visitor = await visit(runner.address);
    ask(visitor, 1, { kind: 'mptcp-enabled', enabled: false });
    // Asked for at once: the run sees what was asked for before it.
    const verdict = await verdictOfRun(visitor, 1);
    const fresh = await visitor.until('conditions', ({ request }) => request === null);
    const off = await visitor.until('conditions', ({ request }) => request === 1);
    assert.equal(fresh.conditions.mptcpEnabled.client, true);
    assert.deepEqual(off.conditions, { ...fresh.conditions, mptcpEnabled: { client: false, server: true } });
    assert.deepEqual(off.commands, [{ host: 'client', line: 'sysctl -w net.mptcp.enabled=0' }]);
    // Between the beginning of the lab and the answer: to read back what the kernel has takes a dozen processes.
    const { ageMs = 0 } = off;
    assert.ok(ageMs > 1 && off.at - ageMs > fresh.at, `${ageMs} ms`);
    assert.equal(verdict.kind === 'plain-tcp' && verdict.reason, 'switched-off');

    const again = await verdictOfRun(visitor, 3);
    assert.equal(again.kind === 'plain-tcp' && again.reason, 'switched-off');

    ask(visitor, 2, { kind: 'reset' });
    assert.equal((await verdictOfRun(visitor, 5)).kind, 'multipath');
    assert.deepEqual((await visitor.until('conditions', ({ request }) => request === 2)).conditions, fresh.conditions);
    assert.equal(visitor.events.filter(({ type }) => type === 'lab-opened').length, 1);
  });

  test('is refused by name when the lab has no such thing, and the next one is carried out', async () => {
    await using visitor = await visit(runner.address);
    ask(visitor, 1, { kind: 'link-up', link: 'eth0', up: false });
    ask(visitor, 2, { kind: 'link-rate', link: 'wifi', rateKbit: 0 });
    ask(visitor, 3, { kind: 'endpoint-add', host: 'client', address: '10.9.9.9', port: null, flags: ['subflow'] });
    ask(visitor, 4, { kind: 'endpoint-add', host: 'client', address: '10.0.1.2', port: null, flags: ['signal', 'fullmesh'] });
    ask(visitor, 5, { kind: 'link-rate', link: 'wifi', rateKbit: 3000 });
    const { conditions } = await visitor.until('conditions', ({ request }) => request === 5);
    assert.equal(conditions.links[0]?.rateKbit, 3000);
    assert.deepEqual(
      visitor.events.flatMap((event) => (event.type === 'error' ? [[event.request, event.code]] : [])),
      [
        [1, 'unknown-link'],
        [2, 'out-of-range'],
        [3, 'unknown-address'],
        [4, 'condition-failed'],
      ],
    );
    const failed = await visitor.until('error', ({ request }) => request === 4);
    assert.match(failed.message, /flags mustn't have both signal and fullmesh/);
    // What the kernel refused is answered with the state too, which nothing has changed.
    const kept = await visitor.until('conditions', ({ request }) => request === 4);
    assert.equal(kept.conditions.endpoints.length, 2);
  });

  test('of an unknown kind is malformed, with what was expected', async () => {
    await using visitor = await visit(runner.address);
    visitor.send(JSON.stringify({ type: 'condition', request: 1, condition: { kind: 'solar-flare' } }));
    const { code, message } = await visitor.until('error');
    assert.equal(code, 'malformed');
    assert.match(message, /Expected .*"link-up".* as "condition.kind", found "solar-flare"/);
  });

  test('waits in a bounded line: those beyond it are turned away, the others are carried out in order', async () => {
    await using visitor = await visit(runner.address);
    const rates = Array.from({ length: MAX_WAITING_CONDITIONS + 3 }, (_, index) => 1000 + index);
    rates.forEach((rateKbit, index) => {
      ask(visitor, index + 1, { kind: 'link-rate', link: 'wifi', rateKbit });
    });
    await visitor.until('conditions', ({ request }) => request === MAX_WAITING_CONDITIONS);
    const told = visitor.events.flatMap((event) => (event.type === 'conditions' ? [event.conditions.links[0]?.rateKbit] : []));
    assert.deepEqual(told, [20_000, ...rates.slice(0, MAX_WAITING_CONDITIONS)]);
    const refused = visitor.events.flatMap((event) => (event.type === 'error' ? [[event.code, event.request]] : []));
    assert.deepEqual(
      refused,
      [1, 2, 3].map((beyond) => ['busy', MAX_WAITING_CONDITIONS + beyond]),
    );
  });
});

function ask(visitor: Visitor, request: number, condition: Condition): void {
  visitor.say({ type: 'condition', request, condition });
}

/** Runs the Python snippet as it is. */
async function verdictOfRun(visitor: Visitor, run: number) {
  visitor.run(run, 'server', 'python');
  visitor.run(run + 1, 'client', 'python');
  const told = await visitor.until('verdict', (event) => event.final && event.run === run + 1);
  return told.verdict;
}
