import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { matchesInstalled } from './dependencies.mjs';
import { top } from './site-build.ts';

const wanted = JSON.stringify({
  packages: {
    '': { version: '0.1.0' },
    'node_modules/ws': { version: '8.23.0', integrity: 'sha512-a' },
    'node_modules/for-another-system': { version: '1.0.0', integrity: 'sha512-b', optional: true },
  },
});

test('what is installed here matches the lock file', () => {
  const lock = readFileSync(join(top, 'package-lock.json'), 'utf8');
  assert.ok(matchesInstalled(lock, readFileSync(join(top, 'node_modules/.package-lock.json'), 'utf8')));
});

test('an optional package may be left out; any other missing one, another version or other bytes ask for an installation', () => {
  const installed = (packages: object) => JSON.stringify({ packages });
  assert.ok(matchesInstalled(wanted, installed({ 'node_modules/ws': { version: '8.23.0', integrity: 'sha512-a' } })));
  assert.ok(!matchesInstalled(wanted, installed({})));
  assert.ok(!matchesInstalled(wanted, installed({ 'node_modules/ws': { version: '8.22.0', integrity: 'sha512-a' } })));
  assert.ok(!matchesInstalled(wanted, installed({ 'node_modules/ws': { version: '8.23.0', integrity: 'sha512-c' } })));
  assert.ok(!matchesInstalled(wanted, ''));
});
