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
