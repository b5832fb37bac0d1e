import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { type Conditions, conditionsOf } from '../conditions.ts';
import type { Evidence } from '../evidence.ts';
import type { RunnerEvent } from '../message.ts';
import { HOME_TOPOLOGY } from '../topology.ts';
import { judge } from '../verdict.ts';
import type { Check } from './check.ts';
import { look } from './look.ts';
import { say } from './say.ts';
import { type Attempt, NOTHING_SEEN, type Seen, see, sinceNow } from './seen.ts';

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
  const attempt: Attempt = { lab: null, evidence: { ...evidence, links }, verdict: null, isOver: true, cuts: [], events: [] };
  return { ...NOTHING_SEEN, attempts: [attempt] };
}

test('a share is of both links and both directions', () => {
  const mostly: Check = { that: 'attempt', shows: [{ sight: 'share', link: 'cellular', leastPercent: 60 }] };
  const links = { wifi: { sentBytes: 300, receivedBytes: 100 }, cellular: { sentBytes: 500, receivedBytes: 100 } };
  assert.deepEqual(look(mostly, carried(links)), { state: 'done' });
  const less = { ...links, cellular: { sentBytes: 490, receivedBytes: 100 } };
  assert.deepEqual(look(mostly, carried(less)), { state: 'not-yet', hint: 'Cellular has carried 59 % of the bytes.' });
  assert.deepEqual(look(mostly, carried({})), { state: 'not-yet', hint: 'Cellular has carried 0 % of the bytes.' });
  assert.equal(say(mostly), 'in one attempt of the client: cellular carries at least 60 % of the bytes');
});

test('bytes are told as a person reads them, and never as more than there are', () => {
  const check: Check = { that: 'attempt', shows: [{ sight: 'carried', link: 'cellular', leastBytes: 1_000_000 }] };
  const hint = (receivedBytes: number) => {
    const answer = look(check, carried({ cellular: { sentBytes: 0, receivedBytes } }));
    return answer.state === 'done' ? 'done' : answer.hint;
  };
  assert.deepEqual([0, 999, 1_000, 999_999, 1_000_000].map(hint), [
    'Cellular has carried nothing.',
    'Cellular has carried 999 bytes.',
    'Cellular has carried 1 kB.',
    'Cellular has carried 999 kB.',
    'done',
  ]);
  assert.equal(say(check), 'in one attempt of the client: cellular carries at least 1 MB');
  const none: Check = { that: 'attempt', shows: [{ sight: 'carried-at-most', link: 'cellular', mostBytes: 0 }] };
  assert.equal(say(none), 'in one attempt of the client: cellular carries nothing');
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

describe('a lab and an attempt together', () => {
  const none: Check = { that: 'endpoint', host: 'client', address: '10.0.2.2', there: false };
  const over: Check = { that: 'attempt', shows: [{ sight: 'over' }] };
  const both: Check = { that: 'all', of: [none, over] };
  const fresh = conditionsOf(HOME_TOPOLOGY, {});
  const flushed: Conditions = { ...fresh, endpoints: [] };
  const told = (conditions: Conditions, atAttempt?: true): RunnerEvent => ({
    type: 'conditions',
    request: null,
    conditions,
    commands: [],
    ...(atAttempt && { atAttempt }),
  });
  const begins: RunnerEvent = { type: 'attempt' };
  const ends: RunnerEvent = { type: 'verdict', run: 0, final: true, verdict: judge(evidence, HOME_TOPOLOGY) };
  const after = (...events: RunnerEvent[]): Seen => events.reduce((seen, event) => see(seen, { at: 0, ...event }), NOTHING_SEEN);
  const tooEarly = {
    state: 'not-yet',
    hint: 'When the last attempt began, this was so: The client still has the endpoint 10.0.2.2. Try again.',
  };

  test('count when the attempt begins in that lab', () => {
    assert.deepEqual(look(both, after(told(fresh), told(flushed), begins, told(flushed, true), ends)), { state: 'done' });
  });

  test('do not count when the lab is switched while the attempt goes on, or after it', () => {
    const during = after(told(fresh), begins, told(fresh, true), told(flushed), ends);
    assert.deepEqual(look(both, during), tooEarly);
    assert.deepEqual(look(both, after(told(fresh), begins, told(fresh, true), ends, told(flushed))), tooEarly);
    // The next step may ask for just that.
    assert.deepEqual(look(over, during), { state: 'done' });
    assert.deepEqual(look({ that: 'any', of: [none, over] }, during), { state: 'done' });
  });

  test('do not count while the lab is switched back', () => {
    const back = after(told(flushed), begins, told(flushed, true), ends, told(fresh));
    assert.deepEqual(look(both, back), { state: 'not-yet', hint: 'The client still has the endpoint 10.0.2.2.' });
  });

  test('go by what the command right before the attempt did, as soon as that is known', () => {
    const unknown = after(told(fresh), begins, ends, told(flushed));
    assert.deepEqual(look(both, unknown), { state: 'not-yet', hint: 'A connection begins.' });
    assert.deepEqual(look(both, after(told(fresh), begins, ends, told(flushed), told(flushed, true))), { state: 'done' });
  });

  test('go by the latest attempt in what they say', () => {
    const seen = after(told(flushed), begins, told(flushed, true), told(fresh), ends, begins, told(fresh, true), told(flushed));
    const plain: Check = { that: 'all', of: [none, { that: 'attempt', shows: [{ sight: 'verdict', kind: 'plain-tcp' }] }] };
    assert.deepEqual(look(plain, seen), tooEarly);
  });

  test('count for an attempt that goes on from one step to the next', () => {
    const kept = sinceNow(after(told(flushed), begins, told(flushed, true)));
    assert.deepEqual(look(both, see(kept, { at: 0, ...ends })), { state: 'done' });
  });

  test('say so', () => {
    assert.equal(
      say(both),
      'the client has no endpoint 10.0.2.2; and in one attempt of the client that begins then: all of its connections are closed',
    );
  });
});

test('a link that was down before an attempt was not cut during it', () => {
  const lab = conditionsOf(HOME_TOPOLOGY, {});
  const down = { adminUp: false, carrier: false, operstate: 'down' };
  const cut: Conditions = { ...lab, links: lab.links.map((link) => (link.link === 'wifi' ? { ...link, near: down } : link)) };
  const events = (atAttempt: Conditions): RunnerEvent[] => [
    { type: 'conditions', request: null, conditions: lab, commands: [] },
    { type: 'attempt' },
    { type: 'conditions', request: null, conditions: atAttempt, commands: [] },
    { type: 'conditions', request: null, conditions: atAttempt, commands: [], atAttempt: true },
    { type: 'conditions', request: null, conditions: cut, commands: [] },
  ];
  const cuts = (told: RunnerEvent[]) =>
    told.reduce((seen, event) => see(seen, { at: 0, ...event }), NOTHING_SEEN).attempts[0]?.cuts.map(({ link }) => link);
  assert.deepEqual(cuts(events(lab)), ['wifi']);
  assert.deepEqual(cuts(events(cut)), []);
});
