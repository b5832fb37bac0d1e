import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { parseSs } from './ss-text.ts';

/** What iproute2 6.15 printed in a lab: a transfer, a fallback, an IPv6 connection and a plain TCP one, all at once. */
const printed = (name: string) => parseSs(readFileSync(`site/live/tools/fixtures/${name}-6.15.0.txt`, 'utf8'));
const fieldOf = (socket: ReturnType<typeof parseSs>[number] | undefined, name: string) =>
  socket?.fields.find((field) => field.name === name)?.value;

test('connections have their state, ends and fields', () => {
  const sockets = printed('ss-Mni-client');
  assert.deepEqual(
    sockets.map(({ state, local, remote }) => [state, local.address, remote.address, remote.port]),
    [
      ['ESTAB', '10.0.1.2', '10.0.9.1', 8263],
      ['ESTAB', '10.0.1.2', '10.0.9.1', 8262],
      ['CLOSE-WAIT', 'fd00:1::2', 'fd00:9::1', 8262],
    ],
  );
  const [fallback, transfer] = sockets;
  assert.equal(fieldOf(fallback, 'fallback'), '');
  assert.equal(fieldOf(transfer, 'fallback'), undefined);
  assert.equal(fieldOf(transfer, 'subflows_total'), '2');
  assert.equal(fieldOf(transfer, 'token'), '76fe5baa');
});

test('subflows have their interface, values behind a space, and what Multipath TCP adds', () => {
  const cellular = printed('ss-tni-client').find(({ local }) => local.address === '10.0.2.2');
  assert.deepEqual(cellular?.local, { address: '10.0.2.2', interface: 'cellular', port: 58011 });
  assert.equal(cellular?.sendQueue, 341728);
  assert.equal(fieldOf(cellular, 'delivery_rate'), '5639152bps');
  assert.equal(fieldOf(cellular, 'retrans'), '0/104');
  assert.equal(fieldOf(cellular, 'flags'), 'Jjec');
  assert.equal(fieldOf(cellular, 'token'), '6946cbb5(id:0)/76fe5baa(id:1)');
});

test('an IPv4 peer of an IPv6 socket has its IPv4 address, a listener has no port at its other end', () => {
  assert.ok(printed('ss-tni-server').some(({ remote }) => remote.address === '10.0.2.2'));
  const [listener] = parseSs('LISTEN 0 5 *:8262 *:*\n\nnonsense\n');
  assert.deepEqual([listener?.local.port, listener?.remote.port], [8262, Number.NaN]);
});
