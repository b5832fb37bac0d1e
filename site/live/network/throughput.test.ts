import assert from 'node:assert/strict';
import { test } from 'node:test';
import { drawnEveryMs, longestStall, meanRate, rateAt, thinned, throughputOf } from './throughput.ts';

/** Wi-Fi and cellular, bytes since the start, ten looks a second. */
const samples = (...bytes: [number, number][]) =>
  [[0, 0] as [number, number], ...bytes].map(([wifi, cellular], index) => ({
    atMs: 500 + index * 100,
    bytes: { wifi, cellular },
  }));

/** As fast as the links of the lab: 20 and 10 Mbit/s. */
const full = (count: number, from: [number, number] = [0, 0]) =>
  Array.from({ length: count }, (_, index): [number, number] => [
    from[0] + (index + 1) * 250_000,
    from[1] + (index + 1) * 125_000,
  ]);

test('each link and both together have a rate for each look', () => {
  const throughput = throughputOf(samples([250_000, 0], [500_000, 125_000]));
  assert.deepEqual(throughput.seconds, [0.1, 0.2]);
  assert.deepEqual(throughput.rates, {
    wifi: [20e6, 20e6],
    cellular: [0, 10e6],
    together: [20e6, 30e6],
  });
  assert.deepEqual(throughput.bytes.together, [250_000, 625_000]);
});

test('the rate to read is that of half a second, or of all there is', () => {
  const throughput = throughputOf(samples(...full(5), [1_250_000, 625_000], [1_250_000, 625_000]));
  assert.equal(rateAt(throughput, 1, 'wifi'), 20e6);
  assert.equal(Math.round(rateAt(throughput, 6, 'wifi')), 12e6);
  assert.equal(Math.round(rateAt(throughput, 6, 'together')), 18e6);
});

test('the mean is over the time in which anything moved', () => {
  const throughput = throughputOf(samples(...full(4), [1_000_000, 500_000], [1_000_000, 500_000]));
  assert.equal(meanRate(throughput, 'together'), 30e6);
  assert.equal(meanRate(throughputOf([]), 'together'), 0);
});

test('a stall is between two times in which data moved, and acknowledgements are none', () => {
  const [wifi, cellular] = [750_000, 375_000];
  const still: [number, number][] = [
    [wifi, cellular],
    [wifi + 60, cellular],
    [wifi + 120, cellular],
  ];
  assert.equal(longestStall(throughputOf(samples(...full(3), ...still, ...full(2, [wifi, cellular])))).toFixed(1), '0.3');
  assert.equal(longestStall(throughputOf(samples(...full(3), ...still))), 0);
  assert.equal(longestStall(throughputOf(samples(...full(3)))), 0);
});

test('two looks within a millisecond are one, and nothing is no throughput', () => {
  const twice = throughputOf([
    { atMs: 5, bytes: {} },
    { atMs: 105, bytes: { wifi: 100 } },
    { atMs: 105, bytes: { wifi: 200 } },
  ]);
  assert.deepEqual(twice.seconds, [0.1]);
  assert.deepEqual(throughputOf([]).seconds, []);
});

test('a minute is drawn with every look, and ten minutes with as many entries, the same bytes and the same ends', () => {
  const minute = samples(...full(600));
  assert.equal(thinned(minute, drawnEveryMs(minute)), minute);
  const long = samples(...full(6_000));
  const drawn = thinned(long, drawnEveryMs(long));
  assert.ok(drawn.length > 300 && drawn.length <= 602, `${drawn.length} entries`);
  assert.deepEqual([drawn[0], drawn.at(-1)], [long[0], long.at(-1)]);
  const { rates } = throughputOf(drawn);
  assert.ok(rates.together.every((rate) => Math.round(rate) === 30e6));
});

test('what is drawn stays in its place when the oldest samples go', () => {
  const long = samples(...full(6_100));
  const everyMs = drawnEveryMs(long.slice(0, 6_000));
  const before = thinned(long.slice(0, 6_000), everyMs);
  const after = thinned(long.slice(37, 6_037), everyMs);
  assert.deepEqual(
    after.slice(1, 300),
    before.slice(before.indexOf(after[1] ?? before[0] ?? { atMs: 0, bytes: {} })).slice(0, 299),
  );
});
