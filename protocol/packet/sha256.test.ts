import assert from 'node:assert/strict';
import { createHash, createHmac } from 'node:crypto';
import { test } from 'node:test';
import { hex } from './hex.ts';
import { hmacSha256, sha256 } from './sha256.ts';

/** Every byte value, and lengths around the ends of blocks. */
const MESSAGES = Array.from({ length: 200 }, (_, length) =>
  Uint8Array.from({ length }, (_, index) => (index * 7 + length) & 0xff),
);

test('SHA-256 is that of the standard, for every length around the ends of blocks', () => {
  for (const message of MESSAGES) assert.equal(hex(sha256(message)), createHash('sha256').update(message).digest('hex'));
});

test('HMAC-SHA256 is that of the standard, for short and long keys', () => {
  for (const [index, key] of MESSAGES.entries()) {
    const message = MESSAGES[(index * 31) % MESSAGES.length] ?? key;
    assert.equal(hex(hmacSha256(key, message)), createHmac('sha256', key).update(message).digest('hex'));
  }
});
