import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type DeviceConnection, parseDeviceSighting, parseDeviceState } from './device.ts';
import { judgeDevice } from './device-verdict.ts';

const flow = (remote: string, remotePort: number) => ({ local: '192.0.2.1', localPort: 8263, remote, remotePort });
const connection: DeviceConnection = {
  id: 1,
  service: 'hello',
  peer: '192.0.2.2',
  port: 50_000,
  local: '192.0.2.1',
  openMs: 20,
  received: 17,
  sent: 33,
  requests: 1,
  protocol: 262,
  isMptcp: true,
  fallback: false,
  rttUs: 900,
  subflows: [flow('192.0.2.2', 50_000)],
};
const plain: DeviceConnection = { ...connection, protocol: 6, isMptcp: false, fallback: null, subflows: [] };
const stripped = (least: number, most: number, among: number) =>
  judgeDevice({ ...plain, strippedAcks: { least, most, among } }, false);

test('two subflows are counted, with the addresses that they come from', () => {
  const two = { ...connection, subflows: [flow('192.0.2.2', 50_000), flow('198.51.100.2', 50_001)] };
  const verdict = judgeDevice(two, true);
  assert.equal(verdict.kind, 'multipath');
  assert.equal(verdict.headline, 'Multipath TCP, 2 subflows');
  assert.match(verdict.explanation, /from 192\.0\.2\.2 and 198\.51\.100\.2\.$/);
});

test('one subflow says why there is no second, once the connection is over', () => {
  assert.equal(judgeDevice(connection, true).headline, 'Multipath TCP, 1 subflow');
  assert.match(judgeDevice(connection, true).explanation, /has not come so far/);
  assert.match(judgeDevice(connection, false).explanation, /ended before a second one came/);
});

test('a kernel before 6.10 is believed by MPTCP_INFO alone', () => {
  assert.equal(judgeDevice({ ...connection, isMptcp: null }, true).kind, 'multipath');
  assert.equal(judgeDevice({ ...connection, isMptcp: null, fallback: true }, true).kind, 'fallback');
});

test('a kernel that tells neither makes no verdict', () => {
  assert.equal(judgeDevice({ ...connection, isMptcp: null, fallback: null }, true).kind, 'unknown');
  assert.equal(judgeDevice({ ...connection, protocol: -1 }, true).kind, 'unknown');
});

test('a late fallback is one by either mark, though subflows were seen', () => {
  assert.equal(judgeDevice({ ...connection, isMptcp: false }, true).headline, 'Fell back to TCP');
  assert.equal(judgeDevice({ ...connection, fallback: true }, true).headline, 'Fell back to TCP');
});

test('plain TCP without a stripped packet was never asked for anything that arrived', () => {
  assert.match(stripped(0, 0, 3).explanation, /first packet had no option/);
});

test('plain TCP with as many stripped packets as new connections is a fallback on the way', () => {
  assert.equal(stripped(1, 1, 1).kind, 'fallback');
  assert.match(stripped(2, 3, 2).explanation, /third one came without/);
});

test('plain TCP in company does not claim what it cannot know', () => {
  assert.equal(stripped(1, 1, 2).kind, 'plain-tcp');
  assert.match(stripped(0, 1, 1).explanation, /cannot be told/);
  assert.match(judgeDevice(plain, false).explanation, /cannot be told/);
});

test('a sighting and a state are read, and anything else is not', () => {
  const sighting = { at: 1_700_000_000_000, open: true, connection, verdict: judgeDevice(connection, true) };
  assert.deepEqual(parseDeviceSighting(JSON.stringify(sighting)), sighting);
  assert.equal(parseDeviceSighting('{'), null);
  assert.equal(parseDeviceSighting(JSON.stringify({ ...sighting, connection: { ...connection, peer: '<b>' } })), null);
  const on = { state: 'on', addresses: ['192.0.2.1'], helloPort: 8263, httpPort: 8264 };
  assert.deepEqual(parseDeviceState(on), on);
  assert.equal(parseDeviceState({ message: 'No GET /api/devices.' }), null);
});
