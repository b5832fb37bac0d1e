import assert from 'node:assert/strict';
import { IncomingMessage } from 'node:http';
import { Socket } from 'node:net';
import { test } from 'node:test';
import { isAddressOrNetwork, isLoopback, sourceOf, trustProxies } from './source-address.ts';

function requestFrom(remoteAddress: string, forwardedFor?: string): IncomingMessage {
  const socket = new Socket();
  Object.defineProperty(socket, 'remoteAddress', { value: remoteAddress });
  const request = new IncomingMessage(socket);
  if (forwardedFor !== undefined) request.headers['x-forwarded-for'] = forwardedFor;
  return request;
}

const NOBODY = trustProxies([]);
const PROXIES = trustProxies(['127.0.0.1', '10.0.0.0/8', 'fd00::/8']);

for (const [remote, expected] of [
  ['192.0.2.7', '192.0.2.7'],
  ['::ffff:192.0.2.7', '192.0.2.7'],
  ['2001:db8:0:7:aaaa::1', '2001:db8:0:7::/64'],
  ['2001:db8:0:7:bbbb:1:2:3', '2001:db8:0:7::/64'],
  ['fe80::1%eth0', 'fe80:0:0:0::/64'],
  ['::1', '0:0:0:0::/64'],
] as const) {
  test(`${remote} counts as ${expected}`, () => assert.equal(sourceOf(requestFrom(remote), NOBODY), expected));
}

test('what a visitor writes into X-Forwarded-For changes nothing without a trusted proxy', () => {
  assert.equal(sourceOf(requestFrom('192.0.2.7', '198.51.100.1'), NOBODY), '192.0.2.7');
  assert.equal(sourceOf(requestFrom('192.0.2.7', '198.51.100.1'), PROXIES), '192.0.2.7');
});

for (const [forwardedFor, expected] of [
  ['198.51.100.1', '198.51.100.1'],
  // Written by the visitor, then by the outer proxy, then by the inner one.
  ['203.0.113.9, 198.51.100.1, 10.1.2.3', '198.51.100.1'],
  ['198.51.100.1:55555', '198.51.100.1'],
  ['[2001:db8::5]:443', '2001:db8:0:0::/64'],
  ['198.51.100.1, unknown', '127.0.0.1'],
  ['', '127.0.0.1'],
] as const) {
  test(`behind trusted proxies, "${forwardedFor}" is ${expected}`, () =>
    assert.equal(sourceOf(requestFrom('127.0.0.1', forwardedFor), PROXIES), expected));
}

test('the machine itself is told apart from its neighbours', () => {
  for (const remote of ['127.0.0.1', '127.8.9.1', '::1', '::ffff:127.0.0.1']) {
    assert.equal(isLoopback(sourceOf(requestFrom(remote), NOBODY)), true, remote);
  }
  for (const remote of ['128.0.0.1', '2001:db8::1', 'fe80::1']) {
    assert.equal(isLoopback(sourceOf(requestFrom(remote), NOBODY)), false, remote);
  }
});

test('a list of proxies has addresses and networks', () => {
  for (const entry of ['192.0.2.7', '10.0.0.0/8', '::1', '2001:db8::/32']) assert.equal(isAddressOrNetwork(entry), true, entry);
  for (const entry of ['', 'proxy.example', '10.0.0.0/33', '10.0.0.0/', '10.0.0.0/8/8', '::/129', 'fe80::1%eth0']) {
    assert.equal(isAddressOrNetwork(entry), false, entry);
  }
});
