import type { Figure } from './figure.ts';
import { compare, isMet, type Row, type Target, type Unit } from './row.ts';

const HEADINGS = ['what', 'p50', 'p99', 'baseline', 'p50', 'p99', 'difference', 'ratio', 'target', ''];
/** Columns of words; all others are numbers, which end below each other. */
const WORDS = new Set([0, 3, 9]);

/** The rows as text, columns below each other, for a terminal of 160 columns. */
export function toTable(rows: Row[]): string {
  const lines = [HEADINGS, ...rows.map(cellsOf)];
  const widths = HEADINGS.map((_, column) => Math.max(...lines.map((cells) => cells[column]?.length ?? 0)));
  const [headings = '', ...rest] = lines.map((cells) => layOut(cells, widths));
  return [headings, widths.map((width) => '─'.repeat(width)).join('  '), ...rest].join('\n');
}

function layOut(cells: string[], widths: number[]): string {
  return cells
    .map((cell, column) => (WORDS.has(column) ? cell.padEnd(widths[column] ?? 0) : cell.padStart(widths[column] ?? 0)))
    .join('  ')
    .trimEnd();
}

function cellsOf(row: Row): string[] {
  const { what, unit, measured, baseline, target } = row;
  const compared = compare(row);
  const met = isMet(row);
  return [
    what,
    withUnit(measured.p50, unit),
    p99Of(measured, unit),
    baseline?.what ?? '',
    baseline === null ? '' : withUnit(baseline.figure.p50, unit),
    baseline === null ? '' : p99Of(baseline.figure, unit),
    compared === null ? '' : `${compared.difference < 0 ? '' : '+'}${withUnit(compared.difference, unit)}`,
    compared === null ? '' : `${compared.ratio.toFixed(2)} ×`,
    target === null ? '' : targetText(target, unit),
    met === null ? '' : met ? 'ok' : 'not',
  ];
}

function targetText(target: Target, unit: Unit): string {
  const { kind, value } = target;
  switch (kind) {
    case 'less-than':
      return target.p99 === undefined ? `< ${value} ${unit}` : `< ${value}, ${target.p99} ${unit}`;
    case 'at-least':
      return `≥ ${value} ${unit}`;
    case 'at-most-over-baseline':
      return `≤ +${value} ${unit}`;
    case 'at-most-times-baseline':
      return `≤ ${value} ×`;
    case 'at-least-times-baseline':
      return `≥ ${value} ×`;
  }
}

function p99Of({ p99 }: Figure, unit: Unit): string {
  return p99 === null ? '' : withUnit(p99, unit);
}

function withUnit(value: number, unit: Unit): string {
  return `${value.toFixed(digitsOf(value, unit))} ${unit}`;
}

function digitsOf(value: number, unit: Unit): number {
  if (unit === 'events' || unit === 'nodes' || Math.abs(value) >= 100) return 0;
  return unit === '% CPU' ? 2 : 1;
}
