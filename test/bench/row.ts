import type { Figure } from './figure.ts';

/** `% CPU` is of one core. */
export type Unit = 'ms' | 'kB' | 'MB' | 'MB/s' | 'Mbit/s' | '/s' | '% CPU' | 'events' | 'nodes' | 'learners';

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
  /** `p99` of the slowest in a hundred besides. */
  | { kind: 'less-than'; value: number; p99?: number }
  | { kind: 'at-least'; value: number }
  /** At most so much more than the baseline. */
  | { kind: 'at-most-over-baseline'; value: number }
  | { kind: 'at-most-times-baseline'; value: number }
  | { kind: 'at-least-times-baseline'; value: number };

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
      return measured.p50 < target.value && (target.p99 === undefined || (measured.p99 ?? measured.p50) < target.p99);
    case 'at-least':
      return measured.p50 >= target.value;
    case 'at-most-over-baseline':
      return (compare(row)?.difference ?? Number.POSITIVE_INFINITY) <= target.value;
    case 'at-most-times-baseline':
      return (compare(row)?.ratio ?? Number.POSITIVE_INFINITY) <= target.value;
    case 'at-least-times-baseline':
      return (compare(row)?.ratio ?? 0) >= target.value;
  }
}
