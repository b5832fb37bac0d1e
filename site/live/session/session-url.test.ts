import assert from 'node:assert/strict';
import { test } from 'node:test';
import { runnerUrl, sessionUrl } from './session-url.ts';

test('the session is found beside the page, over TLS where the page came over TLS', () => {
  assert.equal(sessionUrl('api/session', '/', 'http://127.0.0.1:8262/languages/c/#lab').href, 'ws://127.0.0.1:8262/api/session');
  assert.equal(sessionUrl('api/session', '/', 'https://mptcp.example/languages/c/').href, 'wss://mptcp.example/api/session');
});

test('a base path is kept, with or without its last slash', () => {
  for (const base of ['/hello', '/hello/']) {
    assert.equal(
      sessionUrl('api/session', base, 'https://site.example/hello/about/').href,
      'wss://site.example/hello/api/session',
    );
    assert.equal(runnerUrl('api/status', base, 'https://site.example/hello/').href, 'https://site.example/hello/api/status');
  }
});
