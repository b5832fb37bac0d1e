import assert from 'node:assert/strict';
import { test } from 'node:test';
import { readConfig } from '../runner/config.ts';
import { asPublished } from './published.ts';

const configOf = (environment: Record<string, string>) => readConfig(asPublished(environment));

test('published on the loopback address, labs are open to who is at this machine', () => {
  const { join, shells, host } = configOf({ PUBLISHED: '127.0.0.1:8262' });
  assert.deepEqual({ join, shells, host }, { join: { wanted: false }, shells: true, host: '0.0.0.0' });
  assert.equal(configOf({ PUBLISHED: '[::1]:8262' }).join.wanted, false);
});

test('a join code that was set is wanted there too', () => {
  assert.equal(configOf({ PUBLISHED: '127.0.0.1:8262', JOIN_CODE: 'K7Q-M4T-XP9' }).join.wanted, true);
});

test('published for others, or nobody knows where, labs want a join code and have no shells', () => {
  for (const published of ['192.0.2.7:8262', '0.0.0.0:8262', '']) {
    const { join, shells } = configOf({ PUBLISHED: published });
    assert.deepEqual({ join, shells }, { join: { wanted: true, code: null }, shells: false }, published);
  }
});

test('the address under which others open it is the one that is told to them', () => {
  assert.deepEqual(configOf({ PUBLISHED: '192.0.2.7:8080' }).publicOrigins, ['http://192.0.2.7:8080']);
  const unset = configOf({ PUBLISHED: '192.0.2.7:8080', PUBLIC_ORIGINS: '' });
  assert.deepEqual(unset.publicOrigins, ['http://192.0.2.7:8080']);
  const own = configOf({ PUBLISHED: '192.0.2.7:8080', PUBLIC_ORIGINS: 'https://mptcp.example' });
  assert.deepEqual(own.publicOrigins, ['https://mptcp.example']);
});

test('what is no address and port is refused', () => {
  assert.throws(() => asPublished({ PUBLISHED: '8262' }), /expected an address and a port, such as 127.0.0.1:8262, found "8262"/);
});
