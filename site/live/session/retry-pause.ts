const FIRST_MS = 500;
const LONGEST_MS = 8_000;

/**
 * How long to wait before a lost connection is tried again, in milliseconds. Twice as long each time, and never the same for
 * two pages: all those of a class lose their network at the same moment.
 *
 * @param attempt 0 for the first one, which comes at once or nearly so
 */
export function retryPause(attempt: number, random: () => number = Math.random): number {
  if (attempt === 0) return FIRST_MS * random();
  return Math.min(LONGEST_MS, FIRST_MS * 2 ** attempt) * (0.5 + random() / 2);
}
