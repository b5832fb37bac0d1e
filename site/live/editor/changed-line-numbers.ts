/** Beyond so many pairs of lines the comparison would be felt while typing. */
const MAX_PAIRS = 1_000_000;

/**
 * Which lines of a text are not those of the original: the ones outside a longest common subsequence.
 *
 * @returns line numbers from 1, ascending. Where the texts are too long to compare, all lines between the common start
 *   and the common end.
 */
export function changedLineNumbers(original: string[], text: string[]): number[] {
  const shorter = Math.min(original.length, text.length);
  let start = 0;
  while (start < shorter && original[start] === text[start]) start++;
  let end = 0;
  while (end < shorter - start && original.at(-1 - end) === text.at(-1 - end)) end++;
  const before = original.slice(start, original.length - end);
  const after = text.slice(start, text.length - end);
  const kept = before.length * after.length > MAX_PAIRS ? new Set<number>() : keptIndexes(before, after);
  return after.flatMap((_, index) => (kept.has(index) ? [] : [start + index + 1]));
}

/** Indexes of `after` that belong to a longest common subsequence with `before`. */
function keptIndexes(before: string[], after: string[]): Set<number> {
  const width = after.length + 1;
  // lengths[i * width + j]: of the longest common subsequence of what follows before[i] and after[j].
  const lengths = new Uint32Array((before.length + 1) * width);
  const at = (i: number, j: number) => lengths[i * width + j] ?? 0;
  for (let i = before.length - 1; i >= 0; i--) {
    for (let j = after.length - 1; j >= 0; j--) {
      lengths[i * width + j] = before[i] === after[j] ? at(i + 1, j + 1) + 1 : Math.max(at(i + 1, j), at(i, j + 1));
    }
  }
  const kept = new Set<number>();
  for (let i = 0, j = 0; i < before.length && j < after.length; ) {
    if (before[i] === after[j]) {
      kept.add(j);
      i++;
      j++;
    } else if (at(i + 1, j) >= at(i, j + 1)) i++;
    else j++;
  }
  return kept;
}
