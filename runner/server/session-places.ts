import { isLoopback, type SourceAddress } from './source-address.ts';

/** How many sessions there may be at a time, and how many of one source. */
export type SessionPlaces = {
  take(source: SourceAddress): SessionPlace;
  areFull(): boolean;
  counts(): { open: number; total: number };
};

export type SessionPlace =
  | { kind: 'taken'; giveBack(): void }
  /** `message` names the limit and how it is set, for who was refused and for the operator behind them. */
  | { kind: 'refused'; reason: 'sessions' | 'sessions-per-address'; message: string };

export function sessionPlaces({ total, perAddress }: { total: number; perAddress: number }): SessionPlaces {
  const bySource = new Map<SourceAddress, number>();
  let open = 0;

  return {
    areFull: () => open >= total,
    counts: () => ({ open, total }),
    take(source) {
      if (open >= total) {
        const message = `All ${total} sessions of this runner are in use (its setting SESSIONS). Try again in a few minutes.`;
        return { kind: 'refused', reason: 'sessions', message };
      }
      const own = bySource.get(source) ?? 0;
      // All whom an untrusted proxy speaks for come from the loopback address: nobody can be told apart there.
      if (own >= perAddress && !isLoopback(source)) {
        const message = `All ${perAddress} sessions that one address may have are in use (the runner’s setting SESSIONS_PER_ADDRESS). Close other pages.`;
        return { kind: 'refused', reason: 'sessions-per-address', message };
      }
      open++;
      bySource.set(source, own + 1);
      let isTaken = true;
      return {
        kind: 'taken',
        giveBack() {
          if (!isTaken) return;
          isTaken = false;
          open--;
          const left = (bySource.get(source) ?? 1) - 1;
          if (left === 0) bySource.delete(source);
          else bySource.set(source, left);
        },
      };
    },
  };
}
