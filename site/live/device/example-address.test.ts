import assert from 'node:assert/strict';
import { test } from 'node:test';
import { withAddress } from './example-address.ts';

const example = { host: '192.0.2.1', port: '8264' };

test('the address of the machine takes the place of the example', () => {
  assert.equal(withAddress('"http://192.0.2.1:8264/"', example, { host: '10.1.2.3', port: '9000' }), '"http://10.1.2.3:9000/"');
  assert.equal(withAddress('"192.0.2.1"', example, { host: '10.1.2.3', port: '9000' }), '"10.1.2.3"');
  assert.equal(withAddress('8264', example, { host: '10.1.2.3', port: '9000' }), '9000');
});

test('an IPv6 address has brackets in a URL, and none elsewhere', () => {
  const real = { host: '2001:db8::1', port: '9000' };
  assert.equal(withAddress('"http://192.0.2.1:8264/"', example, real), '"http://[2001:db8::1]:9000/"');
  assert.equal(withAddress('"192.0.2.1"', example, real), '"2001:db8::1"');
});
