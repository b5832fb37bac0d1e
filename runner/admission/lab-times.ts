/** How long labs are kept, as far as the latest ones tell: what those who wait can be told. */
export type LabTimes = {
  /** A lab is given; call the result once it is given back. */
  given(): () => void;
  /**
   * When the one at this place in line can expect a lab, in milliseconds; `null` when too little is known.
   *
   * @param position 1 is next
   * @param labs how many there are of which one must be given back first
   */
  expectedWaitMs(position: number, labs: number): number | null;
};

/** As many as tell of the present use: a class that began a minute ago is not yesterday's visitors. */
const RECENT = 64;
const RECENT_MS = 30 * 60_000;
/** Fewer tell nothing. */
const ENOUGH = 3;

/** @param now in milliseconds; it must not go backwards */
export function labTimes(now: () => number): LabTimes {
  const open = new Set<{ since: number }>();
  let ended: { lifeMs: number; at: number }[] = [];

  return {
    given() {
      const lab = { since: now() };
      open.add(lab);
      return () => {
        if (!open.delete(lab)) return;
        ended = [...ended, { lifeMs: now() - lab.since, at: now() }].slice(-RECENT);
      };
    },
    expectedWaitMs(position, labs) {
      const lives = ended.filter(({ at }) => now() - at <= RECENT_MS).map(({ lifeMs }) => lifeMs);
      if (lives.length < ENOUGH || labs === 0) return null;
      // Those that are still open count too, or a lab that is kept for long would count only once it is of no use any more:
      // the maximum likelihood of a constant rate with lives that are not at their end.
      const kept = [...open].map(({ since }) => now() - since);
      const meanLifeMs = [...lives, ...kept].reduce((total, ms) => total + ms, 0) / lives.length;
      return (position * meanLifeMs) / labs;
    },
  };
}
