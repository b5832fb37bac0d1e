import assert from 'node:assert/strict';
import { cpSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { siteFingerprint, top } from './site-build.ts';

const copy = mkdtempSync(join(tmpdir(), 'site-build-'));
after(() => rmSync(copy, { recursive: true }));
for (const source of ['site', 'protocol', 'snippets', 'astro.config.mjs', 'package-lock.json']) {
  cpSync(join(top, source), join(copy, source), { recursive: true });
}
const place = { base: '/', site: '' };

test('the same sources have the same fingerprint wherever they lie; a new file, other bytes or another place change it', () => {
  const original = siteFingerprint(copy, place);
  assert.equal(siteFingerprint(top, place), original);
  assert.notEqual(siteFingerprint(copy, { ...place, base: '/mptcp/' }), original);
  assert.notEqual(siteFingerprint(copy, { ...place, site: 'https://mptcp.example.org' }), original);
  writeFileSync(join(copy, 'snippets/new'), '');
  const withFile = siteFingerprint(copy, place);
  assert.notEqual(withFile, original);
  writeFileSync(join(copy, 'snippets/new'), '1');
  assert.notEqual(siteFingerprint(copy, place), withFile);
});
