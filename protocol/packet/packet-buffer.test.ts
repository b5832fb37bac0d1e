import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { type BufferedPacket, packetBuffer } from './packet-buffer.ts';

function packet(timeMs: number, kind: 'control' | 'data', keptBytes = 100): BufferedPacket {
  return { timeMs, keptBytes, control: kind === 'control' };
}

test('the oldest data packet makes room', () => {
  const buffer = packetBuffer({ packets: 3, bytes: 10_000 });
  for (const one of [packet(1, 'control'), packet(2, 'data'), packet(3, 'data'), packet(4, 'data')]) buffer.add(one);
  assert.deepEqual(
    buffer.packets().map(({ timeMs }) => timeMs),
    [1, 3, 4],
  );
  assert.deepEqual(buffer.dropped(), { control: 0, data: 1 });
});

test('no control packet goes for a data packet', () => {
  const buffer = packetBuffer({ packets: 2, bytes: 10_000 });
  buffer.add(packet(1, 'control'));
  buffer.add(packet(2, 'control'));
  for (let timeMs = 3; timeMs < 1_000; timeMs++) buffer.add(packet(timeMs, 'data'));
  assert.deepEqual(
    buffer.packets().map(({ timeMs }) => timeMs),
    [1, 2],
  );
  assert.deepEqual(buffer.dropped(), { control: 0, data: 997 });
});

test('a data packet that goes makes room for as many bytes as it had', () => {
  const buffer = packetBuffer({ packets: 100, bytes: 1_000 });
  for (let timeMs = 0; timeMs < 10; timeMs++) buffer.add(packet(timeMs, 'data', 100));
  for (let timeMs = 10; timeMs < 15; timeMs++) buffer.add(packet(timeMs, 'control', 100));
  assert.equal(buffer.packets().length, 10);
  assert.deepEqual(buffer.dropped(), { control: 0, data: 5 });
});

test('more control packets than there is room for are counted', () => {
  const buffer = packetBuffer({ packets: 2, bytes: 10_000 });
  for (let timeMs = 0; timeMs < 5; timeMs++) buffer.add(packet(timeMs, 'control'));
  assert.deepEqual(buffer.dropped(), { control: 3, data: 0 });
});

test('packets come out in order of time, and none after a clear', () => {
  const buffer = packetBuffer({ packets: 10, bytes: 10_000 });
  for (const timeMs of [5, 2, 9, 1]) buffer.add(packet(timeMs, timeMs % 2 === 0 ? 'control' : 'data'));
  assert.deepEqual(
    buffer.packets().map(({ timeMs }) => timeMs),
    [1, 2, 5, 9],
  );
  buffer.clear();
  assert.deepEqual(buffer.packets(), []);
});

test('whatever comes, both limits hold, and every packet is kept or counted', () => {
  const arrival = fc.record({ timeMs: fc.nat(1_000), keptBytes: fc.integer({ min: 1, max: 300 }), control: fc.boolean() });
  fc.assert(
    fc.property(fc.array(arrival, { maxLength: 200 }), (arrivals) => {
      const buffer = packetBuffer({ packets: 20, bytes: 2_000 });
      for (const one of arrivals) buffer.add(one);
      const kept = buffer.packets();
      const { control, data } = buffer.dropped();
      assert.ok(kept.length <= 20);
      assert.ok(kept.reduce((sum, { keptBytes }) => sum + keptBytes, 0) <= 2_000);
      assert.equal(kept.length + control + data, arrivals.length);
      assert.equal(kept.filter((one) => one.control).length + control, arrivals.filter((one) => one.control).length);
    }),
  );
});
