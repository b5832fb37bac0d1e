import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type Signal, withWire } from './signal.ts';
import { begin, CELLULAR, CONNECTED, evidence, joins, kernelEvent, listed, TOKEN, tell, WIFI } from './test-events.ts';

const words = (signals: Signal[]) => signals.map(({ option, from, says, link }) => `${option} ${from} ${link} ${says}`.trim());
const address = (at: number, kind: 'announced' | 'removed', host: 'client' | 'server') =>
  kernelEvent(
    at,
    kind === 'announced'
      ? { kind, token: TOKEN, addressId: 1, address: '10.0.9.2', port: 8262 }
      : { kind, token: TOKEN, addressId: 1 },
    host,
  );

test('a connection and its subflow are signalled by the client, each on its link', () => {
  const { signals } = tell([...CONNECTED, ...joins(30, CELLULAR)]);
  assert.deepEqual(words(signals), ['MP_CAPABLE client wifi', 'MP_JOIN client cellular']);
});

test('who joins from a port to one that nobody announced is the server', () => {
  const flow = { localAddress: '10.0.2.2', localPort: WIFI.localPort, remoteAddress: '10.0.9.2', remotePort: 51_000 };
  const { signals } = tell([...CONNECTED, ...joins(30, flow)]);
  assert.equal(words(signals).at(-1), 'MP_JOIN server cellular');
});

test('an address is announced and taken back by the host whose peer tells of it, over a link that no event knows', () => {
  const story = tell([...CONNECTED, address(40, 'announced', 'client'), address(50, 'removed', 'client')]);
  assert.deepEqual(words(story.signals).slice(1), ['ADD_ADDR server null 10.0.9.2', 'REMOVE_ADDR server null 10.0.9.2']);
  assert.deepEqual(story.announced, [{ host: 'server', addressId: 1, address: '10.0.9.2', port: null, withdrawn: true }]);
  const byClient = tell([...CONNECTED, address(40, 'announced', 'server')]);
  assert.equal(words(byClient.signals).at(-1), 'ADD_ADDR client null 10.0.9.2:8262');
});

test('an address that is announced again is no longer taken back', () => {
  const again = [address(40, 'announced', 'client'), address(50, 'removed', 'client'), address(60, 'announced', 'client')];
  const { announced, signals } = tell([...CONNECTED, ...again]);
  assert.deepEqual(
    announced.map(({ withdrawn }) => withdrawn),
    [false],
  );
  assert.equal(new Set(signals.map(({ id }) => id)).size, 4, 'each signal is one of its own');
});

test('a priority is signalled on its subflow, and a reset with its reason', () => {
  const closed = { kind: 'subflow-closed', token: TOKEN, flow: CELLULAR, backup: true, error: 104, resetReason: 1 } as const;
  const { signals } = tell([
    ...CONNECTED,
    kernelEvent(40, { kind: 'subflow-priority', token: TOKEN, flow: WIFI, backup: true }),
    kernelEvent(50, closed),
  ]);
  assert.deepEqual(words(signals).slice(1), ['MP_PRIO server wifi backup', 'MP_TCPRST server cellular reason 1']);
});

test('counters tell of what no event does: a connection cut off, and one asked for in vain', () => {
  const cutOff = tell([
    ...CONNECTED,
    evidence(90, 1, 0, { mptcp: { MPFastcloseTx: 1 } }),
    evidence(99, 1, 0, { mptcp: { MPFastcloseTx: 1 } }),
  ]);
  assert.deepEqual(words(cutOff.signals).slice(1), ['MP_FASTCLOSE client null']);
  const asked = { mptcp: { MPCapableSYNTX: 1 } };
  const inVain = tell([
    begin,
    listed(50, { flow: WIFI, token: null }),
    evidence(60, 400, 0, asked),
    evidence(160, 800, 0, asked),
  ]);
  assert.deepEqual(words(inVain.signals), ['MP_CAPABLE client wifi in vain']);
  assert.deepEqual(tell([begin, evidence(60, 400, 0)]).signals, [], 'a plain socket asks for nothing');
});

test('packets tell the link, and of what no event has; nothing is told twice', () => {
  const story = tell([...CONNECTED, address(40, 'announced', 'client')]);
  const wire: Signal[] = [
    ...story.signals.map((signal) => ({ ...signal, link: 'wifi' as const })),
    { id: 'MP_FASTCLOSE server  1', option: 'MP_FASTCLOSE', from: 'server', says: '', link: 'cellular' },
  ];
  assert.deepEqual(words(withWire(story.signals, wire)), [
    'MP_CAPABLE client wifi',
    'ADD_ADDR server wifi 10.0.9.2',
    'MP_FASTCLOSE server cellular',
  ]);
  assert.deepEqual(withWire(story.signals, []), story.signals);
});

test('signals stay bounded', () => {
  const many = Array.from({ length: 1_000 }, (_, at) => address(at, 'announced', 'client'));
  assert.equal(tell(many, tell(CONNECTED)).signals.length, 40);
});
