/** What many rounds of one measurement come to. */
export type Figure = {
  /** The median: half of the rounds took no more. */
  p50: number;
  /** `null` where there were too few rounds to speak of one in a hundred. */
  p99: number | null;
  rounds: number;
};

const ROUNDS_FOR_P99 = 30;

/** @throws Error for no samples: a figure of nothing would be made up */
export function figureOf(samples: number[]): Figure {
  const sorted = samples.toSorted((a, b) => a - b);
  const p50 = percentile(sorted, 0.5);
  return { p50, p99: sorted.length < ROUNDS_FOR_P99 ? null : percentile(sorted, 0.99), rounds: sorted.length };
}

/**
 * Takes each measurement once a round, so that what else the machine does falls on all of them.
 *
 * @param quiet waited for before each of them
 * @returns for each name, one sample a round
 */
export async function alternate<Name extends string>(
  rounds: number,
  quiet: { wait(): Promise<void> },
  measurements: Record<Name, () => Promise<number>>,
): Promise<Record<Name, number[]>> {
  const names = Object.keys(measurements) as Name[];
  const samples = Object.fromEntries(names.map((name) => [name, [] as number[]])) as Record<Name, number[]>;
  for (let round = 0; round < rounds; round++) {
    for (const name of names) {
      await quiet.wait();
      samples[name].push(await measurements[name]());
    }
  }
  return samples;
}

/** The nearest rank, or the mean of the two nearest ones. */
function percentile(sorted: number[], part: number): number {
  const rank = part * (sorted.length - 1);
  const [below, above] = [sorted[Math.floor(rank)], sorted[Math.ceil(rank)]];
  if (below === undefined || above === undefined) throw new Error('Expected at least one sample, found none');
  return part === 0.5 ? (below + above) / 2 : above;
}
