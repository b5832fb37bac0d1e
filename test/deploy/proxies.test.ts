import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { missing } from '../require.ts';
import { notAlone, runAlone } from './alone.ts';
import { PROXIES } from './real-proxy.ts';

const TIMEOUT_MS = 120_000;

const skip = (await missing('lab')) || (await missing('chromium')) || (await missing('proxies')) || notAlone();

describe('behind a reverse proxy with TLS, as deploy/proxy/ has it', { skip }, () => {
  for (const proxy of PROXIES)
    test(`${proxy}: a hello over wss, by a page too; who comes, the proxy says and no visitor`, async () => {
      assert.equal(await runAlone('test/deploy/behind-proxy.ts', [proxy], TIMEOUT_MS), `${proxy}: as it should be\n`);
    });
});
