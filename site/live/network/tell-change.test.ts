import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type Conditions, conditionsOf } from '../../../protocol/conditions.ts';
import { HOME_TOPOLOGY } from '../../../protocol/topology.ts';
import { tellChanges } from './tell-change.ts';

const fresh = conditionsOf(HOME_TOPOLOGY, {});
const tell = (change: Partial<Conditions>) =>
  tellChanges(fresh, { ...fresh, ...change }, HOME_TOPOLOGY).map(({ text, link }) => [text, link]);
const withWifi = (change: Partial<Conditions['links'][number]>) => ({
  links: fresh.links.map((link) => (link.link === 'wifi' ? { ...link, ...change } : link)),
});

test('each thing that a learner can switch is told in words when it changes', () => {
  const down = { adminUp: false, carrier: false, operstate: 'down' };
  assert.deepEqual(tell({}), []);
  assert.deepEqual(tell(withWifi({ near: down })), [['Wi-Fi goes down', 'wifi']]);
  assert.deepEqual(tell(withWifi({ rateKbit: 500, delayMs: 80, lossPercent: 2.5 })), [
    ['Wi-Fi carries 500 kbit/s', 'wifi'],
    ['Wi-Fi has a delay of 80 ms', 'wifi'],
    ['Wi-Fi loses 2.5 %', 'wifi'],
  ]);
  assert.deepEqual(tell({ stripped: 'syn' }), [['The router strips MPTCP options (syn)', null]]);
  assert.deepEqual(tell({ synDropped: true }), [['The router drops each SYN with MP_CAPABLE', null]]);
  assert.deepEqual(tell({ mptcpEnabled: { client: false, server: true } }), [
    ['Multipath TCP is switched off on the client', null],
  ]);
  assert.deepEqual(tell({ endpoints: [], limits: [] }), [
    ['The endpoints are changed', null],
    ['The limits are changed', null],
  ]);
});
