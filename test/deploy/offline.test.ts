import assert from 'node:assert/strict';
import { test } from 'node:test';
import { missing } from '../require.ts';
import { notAlone, runAlone } from './alone.ts';

const skip = (await missing('lab')) || (await missing('chromium')) || notAlone();

test('on a machine without any network the site, a compiled hello and a page with Run work; nobody outside is asked', {
  skip,
}, async () => {
  assert.equal(await runAlone('test/deploy/offline.ts', [], 120_000), 'nobody was asked\n');
});
