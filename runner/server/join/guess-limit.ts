import type { SourceAddress } from '../source-address.ts';

/**
 * How many wrong join codes are taken: from one source, and from all together. A source may err so often at once, since a
 * class behind one router is one source, and then so often a minute.
 *
 * A code that the runner makes is one of 2^45. At 300 guesses a minute in all, half of them are tried in 111,000 years, and
 * one that lasts for a year is found with a chance of 1 in 223,000; by one source alone, with 10 a minute, 1 in 6,700,000.
 */
export const GUESSES = {
  ofSource: { burst: 30, perMinute: 10 },
  ofAll: { burst: 300, perMinute: 300 },
  /** Sources that are remembered; beyond it, the one whose last wrong guess is longest ago is forgotten. */
  sources: 10_000,
} as const;

export type GuessLimit = {
  /** 0 when this source may guess now; else after so many seconds. What is told before that time is not even looked at. */
  waitSeconds(source: SourceAddress): number;
  wrong(source: SourceAddress): void;
  /** How many sources are remembered. */
  size(): number;
};

type Allowance = { burst: number; perMinute: number };
/** Wrong guesses that are not made good by time yet, as of `at`. */
type Account = { wrong: number; at: number };

const MINUTE_MS = 60_000;

/** @param now in milliseconds; it must not go backwards */
export function guessLimit(now: () => number): GuessLimit {
  // In the order of their last wrong guess.
  const accounts = new Map<SourceAddress, Account>();
  let all: Account = { wrong: 0, at: now() };

  return {
    waitSeconds(source) {
      const own = accounts.get(source) ?? { wrong: 0, at: now() };
      return Math.max(untilAllowed(own, GUESSES.ofSource, now()), untilAllowed(all, GUESSES.ofAll, now()));
    },
    wrong(source) {
      const own = accounts.get(source) ?? { wrong: 0, at: now() };
      accounts.delete(source);
      accounts.set(source, oneMore(own, GUESSES.ofSource, now()));
      all = oneMore(all, GUESSES.ofAll, now());
      for (const oldest of accounts.keys()) {
        if (accounts.size <= GUESSES.sources) break;
        accounts.delete(oldest);
      }
    },
    size: () => accounts.size,
  };
}

function remaining({ wrong, at }: Account, { perMinute }: Allowance, now: number): number {
  return Math.max(0, wrong - ((now - at) * perMinute) / MINUTE_MS);
}

function oneMore(account: Account, allowance: Allowance, now: number): Account {
  return { wrong: remaining(account, allowance, now) + 1, at: now };
}

function untilAllowed(account: Account, allowance: Allowance, now: number): number {
  const tooMany = remaining(account, allowance, now) - (allowance.burst - 1);
  return Math.max(0, Math.ceil((tooMany * 60) / allowance.perMinute));
}
