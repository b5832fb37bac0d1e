import assert from 'node:assert/strict';
import { test } from 'node:test';
import { readConfig } from './config.ts';

test('without any variable the runner listens on the loopback address', () => {
  const config = readConfig({});
  assert.equal(config.host, '127.0.0.1');
  assert.equal(config.port, 8262);
});

test('all faults come in one message that says what was expected and what was found', () => {
  assert.throws(() => readConfig({ PORT: '99999', LABS: 'many', LOG_LEVEL: 'loud', PUBLIC_ORIGINS: 'example.org' }), {
    message: [
      'Configuration:',
      '  PORT: expected a whole number from 0 to 65535, found "99999"',
      '  PUBLIC_ORIGINS: expected origins such as https://mptcp.example.org, found "example.org"',
      '  LABS: expected a whole number from 1 to 1000, found "many"',
      '  LOG_LEVEL: expected one of silent, fatal, error, warn, info, debug, found "loud"',
    ].join('\n'),
  });
});

test('devices are let in by an address or by 1 only', () => {
  assert.equal(readConfig({}).devices, null);
  assert.equal(readConfig({ DEVICES: '0' }).devices, null);
  assert.deepEqual(readConfig({ DEVICES: '1' }).devices, { address: '*', helloPort: 8263, httpPort: 8264 });
  assert.deepEqual(readConfig({ DEVICES: '192.0.2.1', DEVICES_HELLO_PORT: '0' }).devices, {
    address: '192.0.2.1',
    helloPort: 0,
    httpPort: 8264,
  });
  assert.throws(() => readConfig({ DEVICES: 'yes' }), /DEVICES: expected 0, 1 for all addresses of this machine, .*found "yes"/);
});

test('shells are for who is at this machine, unless somebody says otherwise', () => {
  for (const HOST of ['127.0.0.1', '::1', 'localhost', '127.9.9.9']) assert.equal(readConfig({ HOST }).shells, true, HOST);
  for (const HOST of ['0.0.0.0', '::', '192.0.2.1']) assert.equal(readConfig({ HOST }).shells, false, HOST);
  assert.equal(readConfig({ PUBLIC_ORIGINS: 'https://mptcp.example.org' }).shells, false);
  assert.equal(readConfig({ HOST: '0.0.0.0', SHELLS: 'on' }).shells, true);
  assert.equal(readConfig({ SHELLS: 'off' }).shells, false);
});

test('labs are for who has a join code as soon as strangers can come', () => {
  for (const environment of [
    {},
    { HOST: 'localhost' },
    { HOST: '::1', PUBLIC_ORIGINS: 'http://localhost:4321' },
    { HOST: '0.0.0.0', OPEN: '1' },
  ]) {
    assert.deepEqual(readConfig(environment).join, { wanted: false }, JSON.stringify(environment));
  }
  for (const environment of [
    { HOST: '0.0.0.0' },
    { HOST: '192.0.2.7', OPEN: '0' },
    { PUBLIC_ORIGINS: 'https://mptcp.example' },
  ]) {
    assert.deepEqual(readConfig(environment).join, { wanted: true, code: null }, JSON.stringify(environment));
  }
  const { join } = readConfig({ JOIN_CODE: 'K7Q-M4T-XP9' });
  assert.deepEqual(join, { wanted: true, code: { shown: 'K7Q-M4T-XP9', canonical: 'K7QM4TXP9' } });
  assert.throws(() => readConfig({ JOIN_CODE: 'short' }), /JOIN_CODE: expected 9 to 64 letters and digits, .*found "short"/);
  assert.throws(() => readConfig({ JOIN_CODE: 'K7Q-M4T-XP9', OPEN: '1' }), /OPEN, JOIN_CODE: expected one of them, found both/);
});
