import assert from 'node:assert/strict';
import { test } from 'node:test';
import { conditionsOf } from '../../../protocol/conditions.ts';
import type { Flow } from '../../../protocol/evidence.ts';
import { HOME_TOPOLOGY } from '../../../protocol/topology.ts';
import { describeNetwork } from './describe-network.ts';
import {
  CELLULAR,
  CONNECTED,
  conditions,
  evidence,
  joins,
  kernelEvent,
  listed,
  TOKEN,
  tell,
  WIFI,
  WIFI_CUT,
} from './test-events.ts';

const NAME = `Connection 0x${TOKEN}`;
const both = [...CONNECTED, ...joins(30, CELLULAR)];
const server = (at: number, kind: 'announced' | 'removed', addressId = 1) =>
  kernelEvent(
    at,
    kind === 'announced' ? { kind, token: TOKEN, addressId, address: '10.0.9.2', port: 8262 } : { kind, token: TOKEN, addressId },
  );

test('Wi-Fi is cut, and the connection goes on over cellular', () => {
  const cut = tell([...both, conditions(40, WIFI_CUT)]);
  assert.deepEqual(describeNetwork(cut), ['Wi-Fi down.', 'Cellular up, 10 Mbit/s, 40 ms.', `${NAME} goes on over cellular.`]);
  const stale = tell([listed(2_000, { flow: WIFI, stale: true }, { flow: CELLULAR })], cut);
  assert.equal(describeNetwork(stale).at(-1), `${NAME} goes on over cellular; the subflow over Wi-Fi is stale.`);
});

test('a link says what it can carry, and what it loses', () => {
  const fresh = conditionsOf(HOME_TOPOLOGY, { 'link-delay': 'No netem.' });
  const links = fresh.links.map((link) => (link.link === 'cellular' ? { ...link, lossPercent: 5 } : link));
  const story = tell([conditions(1, { ...fresh, links })]);
  assert.deepEqual(describeNetwork(story), ['Wi-Fi up, 20 Mbit/s.', 'Cellular up, 10 Mbit/s, loses 5 %.']);
});

test('each state of a subflow is told by its word', () => {
  const first = tell([...CONNECTED, listed(30, { flow: WIFI }, { flow: CELLULAR, joining: true })]);
  assert.deepEqual(describeNetwork(first), [`${NAME} goes over Wi-Fi; a subflow joins over cellular.`]);
  const backup = tell([...CONNECTED, ...joins(30, CELLULAR, true)]);
  assert.deepEqual(describeNetwork(backup), [`${NAME} goes over Wi-Fi; cellular is the backup.`]);
  const alone = tell([conditions(40, WIFI_CUT)], backup);
  assert.equal(describeNetwork(alone).at(-1), `${NAME} goes on over cellular, the backup.`);
  const lost = tell([listed(50, { flow: WIFI, stale: true })], tell(CONNECTED));
  assert.deepEqual(describeNetwork(lost), [`${NAME} stands still: nobody answers over Wi-Fi.`]);
  const closed = tell([kernelEvent(60, { kind: 'closed', token: TOKEN })], tell(both));
  assert.deepEqual(describeNetwork(closed), [`${NAME} is closed.`]);
});

test('several subflows on a link are counted', () => {
  const more = [1, 2].map((port): Flow => ({ ...WIFI, localPort: port }));
  const story = tell([...both, ...more.flatMap((flow) => joins(40, flow))]);
  assert.deepEqual(describeNetwork(story), [`${NAME} goes over Wi-Fi (3 subflows) and cellular.`]);
});

test('an address is announced, and taken back', () => {
  const announced = tell([server(50, 'announced')], tell(both));
  assert.equal(describeNetwork(announced)[0], 'The server announced 10.0.9.2.');
  assert.equal(describeNetwork(tell([server(60, 'removed')], announced))[0], 'The server took 10.0.9.2 back.');
});

test('plain TCP is told as such', () => {
  const story = tell([...CONNECTED.slice(0, 1), evidence(100, 400, 0)]);
  assert.deepEqual(describeNetwork(story), ['Plain TCP goes over Wi-Fi.']);
});

test('of many connections the latest ones are told, and how many there were before', () => {
  const events = Array.from({ length: 8 }, (_, index) => {
    const flow = { ...WIFI, localPort: 50_000 + index };
    return kernelEvent(index, { kind: 'created', token: `0000000${index}`, flow });
  });
  const told = describeNetwork(tell([...CONNECTED.slice(0, 1), ...events]));
  assert.deepEqual(
    [told.length, told[0], told.at(-1)],
    [5, '4 more connections before.', 'Connection 0x00000007 begins over Wi-Fi.'],
  );
});
