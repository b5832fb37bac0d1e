import assert from 'node:assert/strict';
import { test } from 'node:test';
import { offeredHosts } from './offered-hosts.ts';

test('the address by which the page was reached comes first, then IPv4, then IPv6', () => {
  assert.deepEqual(offeredHosts('10.0.0.5', ['fd00::2', '192.0.2.2', '10.0.0.5']), ['10.0.0.5', '192.0.2.2', 'fd00::2']);
  assert.deepEqual(offeredHosts('[fd00::2]', ['192.0.2.2', 'fd00::2']), ['fd00::2', '192.0.2.2']);
  assert.deepEqual(offeredHosts('class.example.org', ['192.0.2.2']), ['class.example.org', '192.0.2.2']);
});

test('the loopback of the machine is of no use to a device', () => {
  for (const hostname of ['localhost', '127.0.0.1', '[::1]']) {
    assert.deepEqual(offeredHosts(hostname, ['192.0.2.2']), ['192.0.2.2']);
  }
  assert.deepEqual(offeredHosts('localhost', []), []);
});
