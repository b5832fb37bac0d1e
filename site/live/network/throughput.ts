import { HOME_TOPOLOGY, type LinkName } from '../../../protocol/topology.ts';
import type { Sample } from './story.ts';

/** The links that a client can choose between. */
export const CHARTED = ['wifi', 'cellular'] as const;
export type Charted = (typeof CHARTED)[number] | 'together';

export const CHARTED_TITLES: Record<Charted, string> = {
  wifi: titleOf('wifi'),
  cellular: titleOf('cellular'),
  together: 'together',
};

/** What each link carries over time, both directions, headers included. One entry for each look at the kernel's counters. */
export type Throughput = {
  /** Since the client was started: the end of the time that the entry is for. */
  seconds: number[];
  /** Bits per second since the entry before. */
  rates: Record<Charted, number[]>;
  /** Since the client was started. */
  bytes: Record<Charted, number[]>;
};

/** Below this part of the highest rate, the transfer stands still: single packets are attempts to go on, and no data. */
const STILL_PART = 0.05;
/** A rate that a person can read is one over this long. */
export const READ_OVER_SECONDS = 0.5;

/** @param samples of one run of the client, its beginning first */
export function throughputOf(samples: Sample[]): Throughput {
  const made: Throughput = { seconds: [], rates: perCharted(() => []), bytes: perCharted(() => []) };
  const [first] = samples;
  for (const [index, { atMs, bytes }] of samples.entries()) {
    const before = samples[index - 1];
    // Two looks within one millisecond are one.
    if (first === undefined || before === undefined || atMs <= before.atMs) continue;
    made.seconds.push((atMs - first.atMs) / 1000);
    for (const name of CHARTED) {
      const total = bytes[name] ?? 0;
      made.bytes[name].push(total);
      made.rates[name].push((Math.max(0, total - (before.bytes[name] ?? 0)) * 8_000) / (atMs - before.atMs));
    }
    for (const kind of ['rates', 'bytes'] as const) {
      made[kind].together.push(CHARTED.reduce((sum, name) => sum + (made[kind][name].at(-1) ?? 0), 0));
    }
  }
  return made;
}

/** Entries that a chart has room for: about one for each pixel. */
const MOST_DRAWN = 600;
const LOOK_MS = 100;

/** How far apart the entries of a chart have to be for it to have room for the whole run; in milliseconds. */
export function drawnEveryMs(samples: Sample[]): number {
  const wholeMs = (samples.at(-1)?.atMs ?? 0) - (samples[0]?.atMs ?? 0);
  let everyMs = LOOK_MS;
  while (wholeMs / everyMs > MOST_DRAWN) everyMs *= 2;
  return everyMs;
}

/**
 * The samples so far apart, the first and the last among them: a long run is drawn as fast as a short one. Bytes count up, so
 * those of a sample that is left out are in the rate of the next one.
 */
export function thinned(samples: Sample[], everyMs: number): Sample[] {
  if (everyMs === LOOK_MS) return samples;
  // By the clock of the run and not by their number: when old ones go, the others stay where they are.
  const turnOf = (sample: Sample | undefined) => Math.floor((sample?.atMs ?? 0) / everyMs);
  return samples.filter(
    (sample, index) => index === 0 || index === samples.length - 1 || turnOf(sample) !== turnOf(samples[index - 1]),
  );
}

/** Bits per second in the half second that ends with this entry. */
export function rateAt({ seconds, bytes }: Throughput, index: number, name: Charted): number {
  const end = seconds[index] ?? 0;
  const from = seconds.findLastIndex((time) => time <= end - READ_OVER_SECONDS + 0.001);
  const elapsed = end - (seconds[from] ?? 0);
  return elapsed <= 0 ? 0 : (((bytes[name][index] ?? 0) - (bytes[name][from] ?? 0)) * 8) / elapsed;
}

/** Bits per second of a link in the half second that ends with the last sample; 0 where there is none. */
export function recentRate(samples: Sample[], link: LinkName): number {
  const last = samples.at(-1);
  if (last === undefined) return 0;
  const from = samples.findLast(({ atMs }) => atMs <= last.atMs - READ_OVER_SECONDS * 1000) ?? samples[0] ?? last;
  const elapsedMs = last.atMs - from.atMs;
  return elapsedMs <= 0 ? 0 : (((last.bytes[link] ?? 0) - (from.bytes[link] ?? 0)) * 8_000) / elapsedMs;
}

/** Bits per second from the start to the last entry at which anything moved. */
export function meanRate({ seconds, rates, bytes }: Throughput, name: Charted): number {
  const moving = movingFrom(rates.together);
  const last = rates.together.findLastIndex((rate) => rate >= moving);
  const elapsed = seconds[last] ?? 0;
  return elapsed === 0 ? 0 : ((bytes[name][last] ?? 0) * 8) / elapsed;
}

/** The longest time in which no link carried data, between two times in which one did. In seconds; 0 where there was none. */
export function longestStall({ seconds, rates }: Throughput): number {
  const moving = movingFrom(rates.together);
  let longest = 0;
  let movedAt: number | null = null;
  for (const [index, rate] of rates.together.entries()) {
    if (rate < moving) continue;
    const began = seconds[index - 1] ?? 0;
    if (movedAt !== null) longest = Math.max(longest, began - movedAt);
    movedAt = seconds[index] ?? 0;
  }
  return longest;
}

function movingFrom(rates: number[]): number {
  return rates.reduce((highest, rate) => Math.max(highest, rate), 1) * STILL_PART;
}

function perCharted<T>(make: () => T): Record<Charted, T> {
  return { wifi: make(), cellular: make(), together: make() };
}

function titleOf(name: string): string {
  return HOME_TOPOLOGY.links.find((link) => link.name === name)?.title ?? name;
}
