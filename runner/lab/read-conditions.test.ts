import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { conditionsOf } from '../../protocol/conditions.ts';
import { HOME_TOPOLOGY } from '../../protocol/topology.ts';
import { parseConditions } from './read-conditions.ts';

/** Captured in a lab without netem: fresh, and after one condition of each kind. */
const fixture = (name: string) => readFileSync(join(import.meta.dirname, 'fixtures', `conditions-${name}-6.18.44.txt`), 'utf8');
const unavailable = { 'link-delay': 'No netem.' };

test('a fresh lab reads as its topology says', () => {
  assert.deepEqual(parseConditions(fixture('fresh'), HOME_TOPOLOGY, unavailable), conditionsOf(HOME_TOPOLOGY, unavailable));
});

test('each condition is read from what the kernel prints', () => {
  const up = { adminUp: true, carrier: true, operstate: 'up' };
  assert.deepEqual(parseConditions(fixture('changed'), HOME_TOPOLOGY, unavailable), {
    links: [
      { link: 'wifi', near: up, far: up, rateKbit: 2500, delayMs: null, lossPercent: 0.7 },
      {
        link: 'cellular',
        near: { adminUp: false, carrier: false, operstate: 'down' },
        far: { adminUp: true, carrier: false, operstate: 'down' },
        rateKbit: 10_000,
        delayMs: null,
        lossPercent: 0,
      },
      { link: 'lan', near: up, far: up, rateKbit: null, delayMs: null, lossPercent: 100 },
    ],
    mptcpEnabled: { client: false, server: true },
    stripped: 'syn-ack',
    synDropped: true,
    endpoints: [
      { host: 'client', id: 1, address: '10.0.2.2', port: null, link: 'cellular', flags: ['subflow', 'backup'] },
      { host: 'server', id: 1, address: '10.0.9.2', port: 5005, link: 'lan', flags: ['signal'] },
    ],
    limits: [
      { host: 'client', subflows: 8, addAddrAccepted: 0 },
      { host: 'server', subflows: 2, addAddrAccepted: 1 },
    ],
    unavailable,
  });
});

test('a delay is read in milliseconds, as tc prints it in seconds', () => {
  const netem = '{"kind":"netem","handle":"10:","dev":"wifi","parent":"1:1","options":{"limit":1000,"delay":{"delay":0.04}}}';
  const text = fixture('fresh').replace(/(@ client qdisc\n\[)/, `$1${netem},`);
  assert.equal(parseConditions(text, HOME_TOPOLOGY, {}).links[0]?.delayMs, 40);
});

test('what no tool should print is named with the command and the host', () => {
  const broken = fixture('fresh').replace('"operstate"', '"state"');
  assert.throws(() => parseConditions(broken, HOME_TOPOLOGY, {}), /ip -json link on client: .*operstate/s);
  const empty = fixture('fresh').replaceAll(/add_addr_accepted.*/g, '');
  assert.throws(() => parseConditions(empty, HOME_TOPOLOGY, {}), /ip mptcp limits on client: found ""/);
});
