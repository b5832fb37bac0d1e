/** How fast a tape can be played. A hello is over in a tenth of a second: it is worth a slower look. */
export const SPEEDS = [
  { times: 1 / 100, title: '1/100×' },
  { times: 1 / 20, title: '1/20×' },
  { times: 1 / 5, title: '1/5×' },
  { times: 1, title: '1×' },
  { times: 5, title: '5×' },
] as const;

/** Shorter than this, nobody sees what happens. */
const LEAST_PLAYED_MS = 1_000;

/** As fast as it ran; slower, where it would be over too soon. */
export function speedFor(wholeMs: number): number {
  const fitting = SPEEDS.filter(({ times }) => times <= 1 && wholeMs / times >= LEAST_PLAYED_MS);
  return fitting.at(-1)?.times ?? SPEEDS[0].times;
}
