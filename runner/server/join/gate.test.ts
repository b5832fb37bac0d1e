import assert from 'node:assert/strict';
import crypto from 'node:crypto';
import { syncBuiltinESMExports } from 'node:module';
import { mock, test } from 'node:test';
import { openGate } from './gate.ts';
import { readJoinCode } from './join-code.ts';

const CODE = readJoinCode('K7Q-M4T-XP9') ?? assert.fail();
const HOST = 'mptcp.example:8262';
const DAY_MS = 24 * 60 * 60 * 1_000;

function cookieFrom(gate: ReturnType<typeof openGate>, guess = CODE.shown): string {
  const entrance = gate.enter(guess, '192.0.2.7', { headers: { host: HOST }, secure: false });
  assert.ok(entrance.kind === 'joined');
  return entrance.cookie.split(';')[0] ?? '';
}

test('the code and the token of links let in, and the cookie is for this runner and no script', () => {
  const gate = openGate(CODE);
  for (const guess of ['k7q m4t xp9', gate.token]) {
    assert.equal(gate.hasJoined({ host: HOST, cookie: `theme=dark; ${cookieFrom(gate, guess)}` }), true);
  }
  const entrance = gate.enter(CODE.shown, '192.0.2.7', { headers: { host: HOST }, secure: true });
  assert.ok(entrance.kind === 'joined');
  assert.match(entrance.cookie, /^hello-mptcp-8262=\d+\.[\w-]{43}; Path=\/; Max-Age=2592000; HttpOnly; SameSite=Strict; Secure$/);
});

test('a cookie holds at each runner with the same code, for a month, and nowhere else', () => {
  let now = Date.parse('2026-01-01');
  const clock = () => now;
  const cookie = cookieFrom(openGate(CODE, clock));
  const headers = { host: HOST, cookie };
  assert.equal(openGate(CODE, clock).hasJoined(headers), true);
  assert.equal(openGate(readJoinCode('K7Q-M4T-XP8') ?? assert.fail(), clock).hasJoined(headers), false);
  now += 29 * DAY_MS;
  assert.equal(openGate(CODE, clock).hasJoined(headers), true);
  now += 2 * DAY_MS;
  assert.equal(openGate(CODE, clock).hasJoined(headers), false);
});

test('no changed cookie is taken', () => {
  const gate = openGate(CODE);
  const cookie = cookieFrom(gate);
  const [name, expires = '', signature = ''] = cookie.split(/[=.]/);
  for (const [changed, host] of [
    [`${name}=${Number(expires) + 1}.${signature}`, HOST],
    [`${name}=${expires}.${signature.slice(0, -2)}AA`, HOST],
    [`${name}=${expires}.`, HOST],
    [`${name}=`, HOST],
    [`${name}`, HOST],
    [`${name}=${expires}.${signature}.`.repeat(2), HOST],
    [`${name}=Infinity.${signature}`, HOST],
    [cookie.replace('-8262', ''), HOST],
    [cookie, 'mptcp.example:8263'],
    [cookie.replace(name ?? '', `x${name}`), HOST],
  ]) {
    assert.equal(gate.hasJoined({ host, cookie: changed }), false, changed);
  }
  assert.equal(gate.hasJoined({ host: HOST }), false);
  assert.equal(gate.hasJoined({ host: HOST, cookie: `${name}=old.cookie; ${cookie}` }), true);
});

test('every secret is compared in constant time', () => {
  const compare = mock.method(crypto, 'timingSafeEqual');
  syncBuiltinESMExports();
  try {
    const gate = openGate(CODE);
    for (const guess of ['', 'K', 'K7Q-M4T-XP8', gate.token.slice(1), 'x'.repeat(10_000)]) {
      compare.mock.resetCalls();
      assert.equal(gate.enter(guess, '192.0.2.7', { headers: { host: HOST }, secure: false }).kind, 'wrong');
      // The token, then the code.
      assert.equal(compare.mock.callCount(), 2);
    }
    compare.mock.resetCalls();
    assert.equal(gate.hasJoined({ host: HOST, cookie: 'hello-mptcp-8262=1.x' }), false);
    assert.equal(compare.mock.callCount(), 1);
  } finally {
    compare.mock.restore();
    syncBuiltinESMExports();
  }
});
