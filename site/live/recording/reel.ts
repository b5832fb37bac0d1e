/** Bytes that were told of at a moment, `at` in milliseconds. */
export type Piece = { at: number; bytes: Uint8Array };

/** What a program printed, in order of time. `isCut`: it had printed more before. */
export type OutputReel = { pieces: Piece[]; isCut: boolean };

/** How many of them had happened by then; they are in order of time. */
export function countUntil(happened: { at: number }[], atMs: number): number {
  let [low, high] = [0, happened.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((happened[middle]?.at ?? 0) <= atMs) low = middle + 1;
    else high = middle;
  }
  return low;
}
