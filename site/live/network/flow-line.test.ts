import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Flow } from '../../../protocol/evidence.ts';
import { flowId, lookOf, type Rate, rateOf } from './flow-line.ts';
import type { Story } from './story.ts';
import { begin, CELLULAR, CONNECTED, evidence, joins, kernelEvent, listed, TOKEN, tell, WIFI } from './test-events.ts';

/** "wifi established", in the order in which they began. */
const looks = ({ flows }: Story) => flows.map((line) => `${line.link} ${lookOf(line)}`);
const rates = ({ flows, rates, atMs }: Story) => flows.map((line) => rateOf(line, flows, rates, atMs));
const sent = (bits: number): Rate => ({ bits, toward: 'server' });

test('a connection begins with MP_CAPABLE and is joined with MP_JOIN', () => {
  const story = tell([...CONNECTED, ...joins(30, CELLULAR)]);
  assert.deepEqual(
    story.flows.map(({ link, token, began, state }) => [link, token, began, state]),
    [
      ['wifi', TOKEN, 'MP_CAPABLE', 'established'],
      ['cellular', TOKEN, 'MP_JOIN', 'established'],
    ],
  );
});

test('a subflow joins as long as its SYN has no answer, and is given up when it is listed no more', () => {
  const joining = tell([...CONNECTED, listed(30, { flow: WIFI }, { flow: CELLULAR, joining: true })]);
  assert.deepEqual(looks(joining), ['wifi established', 'cellular joining']);
  assert.deepEqual(looks(tell(joins(40, CELLULAR), joining)), ['wifi established', 'cellular established']);
  assert.deepEqual(looks(tell([listed(1_030, { flow: WIFI })], joining)), ['wifi established', 'cellular closed']);
});

test('a list that is older than an event does not make an established subflow join again', () => {
  const story = tell([...CONNECTED, ...joins(30, CELLULAR), listed(31, { flow: WIFI }, { flow: CELLULAR, joining: true })]);
  assert.deepEqual(looks(story), ['wifi established', 'cellular established']);
});

test('a backup is one whichever host wants it, and whichever of both tells first', () => {
  const backup = joins(30, CELLULAR, true);
  assert.deepEqual(looks(tell([...CONNECTED, ...backup])), ['wifi established', 'cellular backup']);
  assert.deepEqual(looks(tell([...CONNECTED, ...backup.toReversed()])), ['wifi established', 'cellular backup']);
  const byServer = kernelEvent(50, { kind: 'subflow-priority', token: TOKEN, flow: WIFI, backup: true });
  assert.deepEqual(looks(tell([...CONNECTED, byServer])), ['wifi backup']);
  const back = kernelEvent(60, { kind: 'subflow-priority', token: TOKEN, flow: WIFI, backup: false });
  assert.deepEqual(looks(tell([...CONNECTED, byServer, back])), ['wifi established']);
});

test('the first subflow stays first, also where the server tells of the second one before the client tells of any', () => {
  const [byServer, byClient] = joins(30, CELLULAR, true);
  assert.ok(byServer !== undefined && byClient !== undefined);
  const [begun, ...connected] = CONNECTED;
  assert.ok(begun !== undefined);
  assert.deepEqual(looks(tell([begun, byServer, ...connected, byClient])), ['wifi established', 'cellular backup']);
});

test('a subflow is stale and comes back as the lists say, and the timeline tells both', () => {
  const cut = tell([...CONNECTED, ...joins(30, CELLULAR), listed(2_000, { flow: WIFI, stale: true }, { flow: CELLULAR })]);
  assert.deepEqual(looks(cut), ['wifi stale', 'cellular established']);
  assert.equal(cut.happenings.at(-1)?.text, 'The subflow over Wi-Fi, 10.0.1.2 to 10.0.9.1 is stale: nobody answers there');
  const mended = tell([listed(4_000, { flow: WIFI }, { flow: CELLULAR })], cut);
  assert.deepEqual(looks(mended), ['wifi established', 'cellular established']);
  assert.equal(mended.happenings.at(-1)?.text, 'The subflow over Wi-Fi, 10.0.1.2 to 10.0.9.1 is answered again');
});

test('what is closed stays so, with the reason', () => {
  const reset = kernelEvent(50, {
    kind: 'subflow-closed',
    token: TOKEN,
    flow: CELLULAR,
    backup: false,
    error: 104,
    resetReason: null,
  });
  const story = tell([...CONNECTED, ...joins(30, CELLULAR), reset, listed(51, { flow: WIFI }, { flow: CELLULAR })]);
  assert.deepEqual(looks(story), ['wifi established', 'cellular closed']);
  assert.equal(story.flows[1]?.ended, 'reset');
});

test('a late fallback makes the connection plain TCP, and so it ends', () => {
  const late = tell([
    begin,
    kernelEvent(20, { kind: 'created', token: TOKEN, flow: WIFI }),
    listed(30, { flow: WIFI, token: null }),
  ]);
  assert.deepEqual(looks(late), ['wifi plain']);
  assert.equal(late.flows[0]?.token, null);
});

test('plain TCP is where its bytes are until it is listed, and beside a connection too', () => {
  const unlisted = tell([begin, evidence(100, 400, 0)]);
  assert.deepEqual(looks(unlisted), ['wifi plain']);
  const flow: Flow = { ...WIFI, localPort: 40_009 };
  assert.deepEqual(
    tell([listed(110, { flow, token: null })], unlisted).flows.map(({ id }) => id),
    [flowId(flow)],
  );
  const beside = tell([...CONNECTED, listed(110, { flow: WIFI }, { flow, token: null })]);
  assert.deepEqual(looks(beside), ['wifi established', 'wifi plain']);
});

test('a flow alone on its link has the rate of the link; of several each has its own, or none is known', () => {
  const alone = tell([...CONNECTED, ...joins(30, CELLULAR), evidence(100, 0, 0), evidence(200, 250_000, 0)]);
  assert.deepEqual(rates(alone), [sent(20_000_000), sent(0)]);

  const other: Flow = { ...WIFI, remoteAddress: '10.0.9.2' };
  const shared = tell(joins(210, other), alone);
  assert.deepEqual(rates(shared)[0], null);
  const first = tell([listed(300, { flow: WIFI, sentBytes: 1_000 }, { flow: other }, { flow: CELLULAR })], shared);
  assert.deepEqual(rates(first)[0], null);
  const second = tell([listed(1_300, { flow: WIFI, sentBytes: 1_001_000 }, { flow: other }, { flow: CELLULAR })], first);
  assert.deepEqual(rates(second), [sent(8_000_000), sent(0), sent(0)]);
  assert.equal(rates(tell([evidence(9_000, 250_000, 0)], second))[0], null, 'a list is old after a while');
});

test('nothing moves on what is closed, and no link moves once the client has ended', () => {
  const closed = tell([
    ...CONNECTED,
    evidence(100, 0, 0),
    evidence(200, 250_000, 0),
    kernelEvent(201, { kind: 'closed', token: TOKEN }),
  ]);
  assert.deepEqual(rates(closed), [null]);
});
