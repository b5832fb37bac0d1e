import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { setTimeout as delay } from 'node:timers/promises';
import { imagePlaces } from '../../image/location.ts';
import { labMaker } from '../../runner/lab/maker.ts';
import { missing } from '../require.ts';

/** Longer than the second after which the kernel would repeat its reports of IPv6 groups (RFC 3810, section 9.11). */
const LISTEN_MS = 1_300;

describe('the links of a new lab', { skip: await missing('lab') }, () => {
  test('carry nothing but what programs send', async () => {
    const lab = await labMaker(imagePlaces()).make();
    const bytes = () => lab.shell.run('nsenter --net=/run/netns/client cat /proc/net/dev');
    const before = await bytes();
    await delay(LISTEN_MS);
    const after = await bytes();
    await lab.close();
    assert.equal(after, before);
  });
});
