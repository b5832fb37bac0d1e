/** A line in three parts; `changed` is what differs from the other line. */
export type LineParts = { before: string; changed: string; after: string };

/** Splits two versions of a line where they begin and cease to differ, at the borders of words. */
export function changedPart(one: string, other: string): [LineParts, LineParts] {
  const shorter = Math.min(one.length, other.length);
  let start = 0;
  while (start < shorter && one[start] === other[start]) start++;
  while (cutsWord(one, start) || cutsWord(other, start)) start--;

  let end = 0;
  while (end < shorter - start && one.at(-1 - end) === other.at(-1 - end)) end++;
  while (cutsWord(one, one.length - end) || cutsWord(other, other.length - end)) end--;

  const parts = (line: string): LineParts => ({
    before: line.slice(0, start),
    changed: line.slice(start, line.length - end),
    after: line.slice(line.length - end),
  });
  return [parts(one), parts(other)];
}

const cutsWord = (line: string, at: number): boolean => /^\w\w$/.test(line.slice(Math.max(at - 1, 0), at + 1));
