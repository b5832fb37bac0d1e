/**
 * The line of those who wait, served in rounds: each source has one turn in a round, and a newcomer's turn is in the next
 * one. Within a source, and within a round, first come is first served. So a class that came with thirty waits for
 * a single visitor once, not thirty times the other way round; and since newcomers never come into the present round, nobody
 * is overtaken for ever.
 *
 * A source `null` stands for visitors that cannot be told apart: each of them counts as a source of its own.
 */
export type Line<Item> = {
  join(source: string | null, item: Item): void;
  /** Takes it out, wherever it stands; whether it was there. */
  leave(item: Item): boolean;
  /** Takes out whose turn it is, of those that may be served now. */
  next(mayServe: (source: string | null) => boolean): { source: string | null; item: Item } | null;
  /** As they will be served. */
  inOrder(): Iterable<{ source: string | null; item: Item }>;
  length(): number;
  lengthOf(source: string): number;
};

type Place<Item> = { source: string | null; item: Item; round: number };

export function openLine<Item>(): Line<Item> {
  // By round, and within one by arrival.
  const places: Place<Item>[] = [];
  const lengths = new Map<string, number>();
  let present = 0;

  const take = (index: number): Place<Item> | null => {
    const [taken] = places.splice(index, 1);
    if (taken === undefined) return null;
    if (taken.source !== null) {
      const left = (lengths.get(taken.source) ?? 1) - 1;
      if (left === 0) lengths.delete(taken.source);
      else lengths.set(taken.source, left);
    }
    return taken;
  };

  return {
    join(source, item) {
      const last = source === null ? undefined : places.findLast((place) => place.source === source);
      const round = Math.max(present, last?.round ?? 0) + 1;
      const after = places.findLastIndex((place) => place.round <= round);
      places.splice(after + 1, 0, { source, item, round });
      if (source !== null) lengths.set(source, (lengths.get(source) ?? 0) + 1);
    },
    leave: (item) => take(indexOr(places, (place) => place.item === item)) !== null,
    next(mayServe) {
      const taken = take(indexOr(places, ({ source }) => mayServe(source)));
      if (taken !== null) present = Math.max(present, taken.round);
      return taken;
    },
    inOrder: () => places,
    length: () => places.length,
    lengthOf: (source) => lengths.get(source) ?? 0,
  };
}

/** Past the end where there is none, since -1 counts from the end for `splice`. */
function indexOr<Item>(items: Item[], isWanted: (item: Item) => boolean): number {
  const index = items.findIndex(isWanted);
  return index === -1 ? items.length : index;
}
