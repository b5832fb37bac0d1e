import assert from 'node:assert/strict';
import { test } from 'node:test';
import { conditionsOf } from '../conditions.ts';
import type { Evidence } from '../evidence.ts';
import { HOME_TOPOLOGY } from '../topology.ts';
import type { Check } from './check.ts';
import { look } from './look.ts';
import { say } from './say.ts';
import { type Attempt, NOTHING_SEEN, type Seen } from './seen.ts';

const evidence: Evidence = {
  kernel: '6.18.44',
  counters: { client: { mptcp: {}, tcp: {} }, server: { mptcp: {}, tcp: {} } },
  countersBefore: { client: { mptcp: {}, tcp: {} }, server: { mptcp: {}, tcp: {} } },
  links: {},
  connections: [],
  sockets: [],
  mptcpListenPorts: [],
  mptcpEnabled: { client: true, server: true },
};

function carried(links: Evidence['links']): Seen {
  const attempt: Attempt = { evidence: { ...evidence, links }, verdict: null, isOver: true, cuts: [], events: [] };
  return { ...NOTHING_SEEN, attempts: [attempt] };
}

test('a share is of both links and both directions', () => {
  const mostly: Check = { that: 'attempt', shows: [{ sight: 'share', link: 'cellular', leastPercent: 60 }] };
  const links = { wifi: { sentBytes: 300, receivedBytes: 100 }, cellular: { sentBytes: 500, receivedBytes: 100 } };
  assert.deepEqual(look(mostly, carried(links)), { state: 'done' });
  const less = { ...links, cellular: { sentBytes: 490, receivedBytes: 100 } };
  assert.deepEqual(look(mostly, carried(less)), { state: 'not-yet', hint: 'cellular has carried 59 % of the bytes.' });
  assert.deepEqual(look(mostly, carried({})), { state: 'not-yet', hint: 'cellular has carried 0 % of the bytes.' });
  assert.equal(say(mostly), 'in one attempt of the client: cellular carries at least 60 % of the bytes');
});

test('a rate is that of the lab now, and a link without one is not slow', () => {
  const slow: Check = { that: 'link-rate', link: 'wifi', mostKbit: 500 };
  const lab = conditionsOf(HOME_TOPOLOGY, {});
  const withRate = (rateKbit: number | null): Seen => ({
    ...NOTHING_SEEN,
    conditions: { ...lab, links: lab.links.map((link) => (link.link === 'wifi' ? { ...link, rateKbit } : link)) },
  });
  assert.deepEqual(look(slow, withRate(500)), { state: 'done' });
  assert.deepEqual(look(slow, withRate(501)), { state: 'not-yet', hint: 'The rate of Wi-Fi is 501 kbit/s.' });
  assert.deepEqual(look(slow, withRate(null)), { state: 'not-yet', hint: 'Wi-Fi has no rate.' });
  assert.deepEqual(look(slow, NOTHING_SEEN), { state: 'not-yet', hint: 'There is no lab yet.' });
  assert.equal(say(slow), 'the rate of Wi-Fi is at most 500 kbit/s');
});

test('a counter that has to stay is looked at where something was tried', () => {
  const stays: Check = {
    that: 'attempt',
    shows: [{ sight: 'counter-at-most', host: 'client', name: 'MPJoinSynTx', most: 0 }],
  };
  const tried = carried({});
  const joined = { ...evidence, counters: { ...evidence.counters, client: { mptcp: { MPJoinSynTx: 1 }, tcp: {} } } };
  const after: Seen = { ...tried, attempts: tried.attempts.map((attempt) => ({ ...attempt, evidence: joined })) };
  assert.deepEqual(look(stays, tried), { state: 'done' });
  assert.deepEqual(look(stays, after), { state: 'not-yet', hint: 'On the client, MPTcpExtMPJoinSynTx went up by 1.' });
  assert.equal(look(stays, NOTHING_SEEN).state, 'not-yet');
  assert.equal(say(stays), 'in one attempt of the client: MPTcpExtMPJoinSynTx of the client stays as it is');
});
