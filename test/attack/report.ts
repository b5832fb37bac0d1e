/** One attack of the suite: what must happen, and what was seen. */
export type Attempted = { attack: string; expected: string; seen: string; unprotected?: string };

/** Collects attacks and prints them as a table, so that a reader of the tests sees what was tried. */
export function openReport(title: string): { add(row: Attempted): void; print(): void } {
  const rows: Attempted[] = [];
  return {
    add: (row) => rows.push(row),
    print() {
      const withControl = rows.some(({ unprotected }) => unprotected !== undefined);
      const head = ['attack', 'expected', 'seen', ...(withControl ? ['without the filter'] : [])];
      const cells = rows.map(({ attack, expected, seen, unprotected }) => [
        attack,
        expected,
        seen,
        ...(withControl ? [unprotected ?? ''] : []),
      ]);
      const widths = head.map((name, column) => Math.max(name.length, ...cells.map((row) => row[column]?.length ?? 0)));
      const line = (row: string[]) =>
        row
          .map((cell, column) => cell.padEnd(widths[column] ?? 0))
          .join('  ')
          .trimEnd();
      console.log(`\n${title}\n${[head, ...cells].map(line).join('\n')}\n`);
    },
  };
}
