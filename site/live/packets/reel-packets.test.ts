import assert from 'node:assert/strict';
import { globSync, readFileSync } from 'node:fs';
import { test } from 'node:test';
import { parseRecording } from '../../../protocol/recording.ts';
import { clockOffsetMs } from '../recording/packet-reel.ts';
import { tapeOfRecording } from '../recording/tape.ts';
import { reelPackets } from './reel-packets.ts';

const folder = new URL('../../../snippets/', import.meta.url).pathname;

test('the clock of packets is told by what was there before and after them', () => {
  const batches = [{ at: 98, firstMs: 1_000_000, lastMs: 1_000_020 }];
  // Told of at 98 ms, the last packet was there by then; the kernel's word for the first one is nearer.
  assert.equal(1_000_000 + clockOffsetMs({ notBeforeMs: 0, firstByMs: null }, batches), 78);
  assert.equal(1_000_000 + clockOffsetMs({ notBeforeMs: 0, firstByMs: 63 }, batches), 63);
  assert.equal(1_000_000 + clockOffsetMs({ notBeforeMs: 70, firstByMs: 63 }, batches), 70);
  assert.equal(clockOffsetMs({ notBeforeMs: 70, firstByMs: 63 }, []), 0);
});

test('packets of a recording are there one after the other while it runs, none before the client does', () => {
  for (const name of globSync('*/recordings/*.json', { cwd: folder })) {
    const tape = tapeOfRecording(parseRecording(readFileSync(`${folder}${name}`, 'utf8')));
    const packets = reelPackets(tape.packets);
    const all = packets.until(tape.endMs);
    assert.ok(all.length >= 8, `${name}: ${all.length} packets`);
    assert.equal(packets.until(tape.packets.notBeforeMs - 1).length, 0, name);
    const { firstByMs } = tape.packets;
    // The kernel tells of a connection when its SYN was answered.
    if (firstByMs !== null) assert.ok(packets.until(firstByMs).length > 0, name);
    assert.deepEqual(packets.until(tape.endMs / 2), all.slice(0, packets.until(tape.endMs / 2).length), name);
  }
});
