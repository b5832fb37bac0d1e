import assert from 'node:assert/strict';
import { test } from 'node:test';
import { isOwnHost, isOwnOrigin } from './origin.ts';

const listed = ['https://mptcp.example.org'];

test('addresses, localhost and listed names are own hosts', () => {
  for (const host of ['127.0.0.1:8262', 'localhost:8262', 'LOCALHOST', '[::1]:8262', '192.0.2.7:80', 'mptcp.example.org']) {
    assert.equal(isOwnHost(host, listed), true, host);
  }
});

test('any other name is a stranger', () => {
  for (const host of [
    undefined,
    '',
    'attacker.example:8262',
    '127.0.0.1.attacker.example',
    'localhost.attacker.example',
    'mptcp.example.org:81',
    'a b',
    '/',
  ]) {
    assert.equal(isOwnHost(host, listed), false, String(host));
  }
});

test('a page of the same host is own, another port, scheme-less, null or missing origin is not', () => {
  assert.equal(isOwnOrigin('http://127.0.0.1:8262', '127.0.0.1:8262', []), true);
  assert.equal(isOwnOrigin('https://mptcp.example.org', 'internal:8262', listed), true);
  for (const origin of [undefined, 'null', '', '127.0.0.1:8262', 'http://127.0.0.1:8263', 'http://attacker.example', 'file://']) {
    assert.equal(isOwnOrigin(origin, '127.0.0.1:8262', []), false, String(origin));
  }
});
