import assert from 'node:assert/strict';
import { test } from 'node:test';
import { setTimeout as delay } from 'node:timers/promises';
import type { Evidence } from '../../protocol/evidence.ts';
import { HOME_TOPOLOGY } from '../../protocol/topology.ts';
import { watch } from './watch.ts';

const NOTHING: Evidence = {
  kernel: 'test',
  counters: { client: { mptcp: {}, tcp: {} }, server: { mptcp: {}, tcp: {} } },
  countersBefore: { client: { mptcp: {}, tcp: {} }, server: { mptcp: {}, tcp: {} } },
  links: {},
  connections: [],
  sockets: [],
  mptcpListenPorts: [],
  mptcpEnabled: { client: true, server: true },
};

test('a program that waits is looked at now and then, and one that sends at each look', async () => {
  let hasMoved = false;
  let packets = 0;
  let fullLooks = 0;
  let looks = 0;
  const witness = {
    evidence() {
      fullLooks++;
      return NOTHING;
    },
    stamp: () => String(hasMoved ? ++packets : packets),
    lookAtSockets: async () => {},
    flows: async () => [],
    keepLooking: () => {},
  };
  const untilLooks = async (count: number) => {
    while (looks < count) await delay(10);
  };
  const watching = watch(
    witness,
    HOME_TOPOLOGY,
    () => looks++,
    () => looks++,
    () => {},
  );
  const startedAt = performance.now();
  await untilLooks(12);
  // The first look, and one each second.
  assert.ok(fullLooks <= 1 + (performance.now() - startedAt) / 1000, `${fullLooks} full looks`);
  hasMoved = true;
  const [looksBefore, fullLooksBefore] = [looks, fullLooks];
  await untilLooks(looksBefore + 5);
  watching.abandon();
  assert.ok(
    fullLooks - fullLooksBefore >= looks - looksBefore,
    `${fullLooks - fullLooksBefore} full looks of ${looks - looksBefore}`,
  );
});

test('sockets are listed ever more rarely while flows open, the last one included, and at once when one falls back', async () => {
  let opened = 0;
  let fallbacks = 0;
  let lists = 0;
  let listed = 0;
  const witness = {
    evidence: () => {
      const client = { mptcp: { MPCapableFallbackSYNACK: fallbacks }, tcp: { ActiveOpens: opened } };
      return { ...NOTHING, counters: { ...NOTHING.counters, client } };
    },
    stamp: () => `${opened} ${fallbacks}`,
    async lookAtSockets() {
      lists++;
      listed = opened;
    },
    flows: async () => [],
    keepLooking: () => {},
  };
  const watching = watch(
    witness,
    HOME_TOPOLOGY,
    () => {},
    () => {},
    () => {},
  );
  const startedAt = performance.now();
  while (performance.now() < startedAt + 1_000) {
    opened++;
    await delay(20);
  }
  while (listed < opened) await delay(10);
  // At once, after half a second, and after one second more.
  assert.equal(lists, 3);
  const fellBackAt = performance.now();
  fallbacks++;
  while (lists === 3) await delay(10);
  watching.abandon();
  assert.ok(performance.now() - fellBackAt < 1_900, 'no sooner than another flow');
});
