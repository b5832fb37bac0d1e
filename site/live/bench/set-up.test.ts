import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Condition } from '../../../protocol/condition.ts';
import { type Conditions, conditionsOf } from '../../../protocol/conditions.ts';
import { HOME_TOPOLOGY } from '../../../protocol/topology.ts';
import { addressOf, changesOf, conditionsOfNetwork, NETWORKS, readSetUp } from './set-up.ts';

const KNOWN = { terminals: ['client', 'client 2', 'server'] as const, programs: ['c', 'python'] };
const known = { terminals: [...KNOWN.terminals], programs: KNOWN.programs };

test('a set-up comes back from its address as it was', () => {
  const conditions: Condition[] = [
    { kind: 'link-rate', link: 'wifi', rateKbit: 5000 },
    { kind: 'link-loss', link: 'wifi', lossPercent: 2.5 },
    { kind: 'link-delay', link: 'cellular', delayMs: null },
    { kind: 'link-up', link: 'cellular', up: false },
    { kind: 'options-stripped', from: 'syn-ack' },
    { kind: 'syn-dropped', dropped: true },
    { kind: 'mptcp-enabled', enabled: false },
  ];
  const setUp = { terminals: known.terminals, programs: ['python'], conditions };
  const address = addressOf(setUp);
  assert.equal(
    address,
    'terminals=client,client+2,server&programs=python&wifi=5000kbit,2.5%25&cellular=0ms,down&strip=syn-ack&drop-syn=yes&mptcp=off',
  );
  assert.deepEqual(readSetUp(new URLSearchParams(address), known), setUp);
});

test('an address that says nothing, or nonsense, changes nothing', () => {
  assert.deepEqual(readSetUp(new URLSearchParams(''), known), {});
  const nonsense = 'terminals=printer&programs=brainf&wifi=1kbit,99999ms,x&cellular=&strip=all-of-it&drop-syn=1&mptcp=maybe';
  assert.deepEqual(readSetUp(new URLSearchParams(nonsense), known), { terminals: [], programs: [] });
});

test('what was changed of a lab is told in the order in which it can be done again', () => {
  const fresh = conditionsOf(HOME_TOPOLOGY, {});
  const down = { adminUp: false, carrier: false, operstate: 'down' };
  const now: Conditions = {
    ...fresh,
    links: fresh.links.map((link) => (link.link === 'wifi' ? { ...link, near: down, rateKbit: 1000 } : link)),
    stripped: 'syn',
  };
  assert.deepEqual(changesOf(fresh, fresh), []);
  assert.deepEqual(changesOf(fresh, now), [
    { kind: 'link-rate', link: 'wifi', rateKbit: 1000 },
    { kind: 'link-up', link: 'wifi', up: false },
    { kind: 'options-stripped', from: 'syn' },
  ]);
});

test('each network comes back from its address, and the first one is that of a fresh lab', () => {
  for (const network of NETWORKS) {
    const conditions = conditionsOfNetwork(network);
    const address = addressOf({ terminals: [], programs: [], conditions });
    assert.deepEqual(readSetUp(new URLSearchParams(address), known).conditions, conditions);
  }
  const rates = HOME_TOPOLOGY.links.map(({ rateMbit }) => rateMbit);
  assert.deepEqual(rates.slice(0, 2), [NETWORKS[0].wifi / 1000, NETWORKS[0].cellular / 1000]);
});
