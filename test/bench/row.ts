import type { Figure } from './figure.ts';

export type Unit = 'ms' | 'kB' | 'MB' | 'MB/s' | 'Mbit/s';

/** One line of the table. */
export type Row = {
  what: string;
  unit: Unit;
  measured: Figure;
  /** The same thing without the project, measured in the same rounds. */
  baseline: { what: string; figure: Figure } | null;
  /** What is asked for; `null` for a figure that is only told. */
  target: Target | null;
};

/** In the row's unit, of medians. */
export type Target =
  | { kind: 'less-than'; value: number }
  | { kind: 'at-least'; value: number }
  /** At most so much more than the baseline. */
  | { kind: 'at-most-over-baseline'; value: number };

/** Measured less baseline, and measured through baseline. */
export function compare({ measured, baseline }: Row): { difference: number; ratio: number } | null {
  if (baseline === null) return null;
  return { difference: measured.p50 - baseline.figure.p50, ratio: measured.p50 / baseline.figure.p50 };
}

/** `null` where nothing is asked for. */
export function isMet(row: Row): boolean | null {
  const { target, measured } = row;
  switch (target?.kind) {
    case undefined:
      return null;
    case 'less-than':
      return measured.p50 < target.value;
    case 'at-least':
      return measured.p50 >= target.value;
    case 'at-most-over-baseline':
      return (compare(row)?.difference ?? Number.POSITIVE_INFINITY) <= target.value;
  }
}
