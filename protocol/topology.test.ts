import assert from 'node:assert/strict';
import { test } from 'node:test';
import { HOME_TOPOLOGY, linkOfClientAddress } from './topology.ts';

test('a link is known by its client’s addresses, and by what was added to its network', () => {
  const links = (...addresses: string[]) => addresses.map((address) => linkOfClientAddress(HOME_TOPOLOGY, address));
  assert.deepEqual(links('10.0.1.2', '10.0.2.2', 'fd00:1::2', 'fd00:2::2'), ['wifi', 'cellular', 'wifi', 'cellular']);
  assert.deepEqual(links('10.0.1.254', '10.0.2.3'), ['wifi', 'cellular']);
  assert.deepEqual(links('10.0.9.1', '10.0.3.2', '127.0.0.1', '', 'fd00:9::1', 'nonsense'), Array(6).fill(null));
});
