import assert from 'node:assert/strict';
import { test } from 'node:test';
import * as v from 'valibot';
import { type Condition, conditionSchema } from './condition.ts';
import { conditionsOf } from './conditions.ts';
import { HOME_TOPOLOGY } from './topology.ts';
import { wantedConditions } from './wanted-conditions.ts';

const fresh = conditionsOf(HOME_TOPOLOGY, { 'link-delay': 'No netem here.' });

const REFUSED: { condition: Condition; code: string; message: string }[] = [
  {
    condition: { kind: 'link-up', link: 'eth0\nrm -rf', up: false },
    code: 'unknown-link',
    message: 'Expected one of wifi, cellular, lan as the link, found "eth0 rm -rf".',
  },
  {
    condition: { kind: 'link-rate', link: 'wifi', rateKbit: 0 },
    code: 'out-of-range',
    message: 'Expected a whole number from 10 to 1000000 kbit/s as rateKbit, found 0.',
  },
  {
    condition: { kind: 'link-rate', link: 'wifi', rateKbit: 1000.5 },
    code: 'out-of-range',
    message: 'Expected a whole number from 10 to 1000000 kbit/s as rateKbit, found 1000.5.',
  },
  {
    condition: { kind: 'link-loss', link: 'wifi', lossPercent: 100.1 },
    code: 'out-of-range',
    message: 'Expected a number in steps of 0.1 from 0 to 100 % as lossPercent, found 100.1.',
  },
  { condition: { kind: 'link-delay', link: 'wifi', delayMs: 20 }, code: 'unavailable', message: 'No netem here.' },
  {
    condition: { kind: 'endpoint-add', host: 'client', address: '10.0.9.1', port: null, flags: ['subflow'] },
    code: 'unknown-address',
    message: 'Expected one of 10.0.1.2, fd00:1::2, 10.0.2.2, fd00:2::2 as an address of the client, found "10.0.9.1".',
  },
  {
    condition: { kind: 'endpoint-add', host: 'server', address: '10.0.9.2', port: 70_000, flags: ['signal'] },
    code: 'out-of-range',
    message: 'Expected a whole number from 1 to 65535 as port, found 70000.',
  },
  {
    condition: { kind: 'endpoint-change', host: 'client', id: 3, backup: true },
    code: 'unknown-endpoint',
    message: 'Expected one of 1, 2 as the number of an endpoint of the client, found 3.',
  },
  {
    condition: { kind: 'endpoint-remove', host: 'server', id: 1 },
    code: 'unknown-endpoint',
    message: 'Expected an endpoint, of which it has none, as the number of an endpoint of the server, found 1.',
  },
  {
    condition: { kind: 'limits', host: 'router', subflows: 2, addAddrAccepted: 1 },
    code: 'unknown-host',
    message: 'Expected client or server as the host, found "router".',
  },
  {
    condition: { kind: 'limits', host: 'client', subflows: 9, addAddrAccepted: 1 },
    code: 'out-of-range',
    message: 'Expected a whole number from 0 to 8 subflows as subflows, found 9.',
  },
];

for (const { condition, code, message } of REFUSED) {
  test(`${code}: ${message}`, () => {
    assert.deepEqual(wantedConditions(fresh, v.parse(conditionSchema, condition), HOME_TOPOLOGY), { fault: { code, message } });
  });
}

test('a reset is what the topology says', () => {
  const off = wantedConditions(fresh, { kind: 'mptcp-enabled', enabled: false }, HOME_TOPOLOGY);
  if ('fault' in off) assert.fail(off.fault.message);
  assert.equal(off.wanted.mptcpEnabled.client, false);
  assert.deepEqual(wantedConditions(off.wanted, { kind: 'reset' }, HOME_TOPOLOGY), { wanted: fresh });
});

test('links without a delay may stay so where there is no netem', () => {
  assert.deepEqual(wantedConditions(fresh, { kind: 'link-delay', link: 'wifi', delayMs: null }, HOME_TOPOLOGY), {
    wanted: fresh,
  });
});
