import assert from 'node:assert/strict';
import { test } from 'node:test';
import { canonicalCode, newJoinCode, readJoinCode } from './join-code.ts';

test('a new code has three groups without letters that look like digits, and is another one each time', () => {
  const codes = Array.from({ length: 1_000 }, () => newJoinCode().shown);
  for (const code of codes) assert.match(code, /^[0-9A-HJKMNP-TV-Z]{3}(-[0-9A-HJKMNP-TV-Z]{3}){2}$/);
  assert.equal(new Set(codes).size, codes.length);
  // Each of the 32 symbols comes about 281 times.
  assert.equal(new Set(codes.join('').replaceAll('-', '')).size, 32);
});

test('a code may be typed as people type', () => {
  const { canonical } = readJoinCode('K0Q-M1T-XP9') ?? assert.fail();
  for (const typed of ['k0q-m1t-xp9', 'K0QM1TXP9', ' koq mlt xp9 ', 'K0Q–MIT–XP9', 'KOQ.M1T.XP9']) {
    assert.equal(canonicalCode(typed), canonical, typed);
  }
  assert.notEqual(canonicalCode('K0Q-M1T-XP8'), canonical);
});

test('a code of the operator is shown as it was set, and must be long enough', () => {
  assert.deepEqual(readJoinCode(' Hello class 7 '), { shown: 'Hello class 7', canonical: 'HE110C1ASS7' });
  for (const short of ['', 'K7Q-M4T-X', '---------', 'x'.repeat(65)]) assert.equal(readJoinCode(short), null, short);
});
