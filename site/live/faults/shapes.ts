import type { Format } from './fault.ts';

/** The groups `path`, `line` and `message` of a pattern say where and what. */

export function onOneLine(pattern: RegExp): Format {
  return (locate) => (line) => {
    const groups = pattern.exec(line)?.groups;
    const place = locate(groups?.['path'], groups?.['line']);
    return place === null ? null : { ...place, message: groups?.['message'] ?? '' };
  };
}

/**
 * A message, and below it places, of which the first one in a file of the page counts.
 *
 * @param forget a line that ends what belongs to the message
 */
export function messageThenPlace(message: RegExp, place: RegExp, forget?: RegExp): Format {
  return (locate) => {
    let pending: string | null = null;
    return (line) => {
      const told = message.exec(line)?.groups?.['message'];
      if (told !== undefined) pending = told;
      else if (forget?.test(line)) pending = null;
      if (pending === null) return null;
      const groups = place.exec(line)?.groups;
      const located = locate(groups?.['path'], groups?.['line']);
      if (located === null) return null;
      const fault = { ...located, message: pending };
      pending = null;
      return fault;
    };
  };
}

/**
 * Places, of which the last one in a file of the page counts, and below them a message.
 *
 * @param forget a line after which the places so far have no message
 */
export function placeThenMessage(place: RegExp, message: RegExp, forget?: RegExp): Format {
  return (locate) => {
    let pending: ReturnType<typeof locate> = null;
    return (line) => {
      if (forget?.test(line)) pending = null;
      const groups = place.exec(line)?.groups;
      if (groups !== undefined) {
        pending = locate(groups['path'], groups['line']) ?? pending;
        return null;
      }
      const told = pending === null ? undefined : message.exec(line)?.groups?.['message'];
      if (pending === null || told === undefined) return null;
      const fault = { ...pending, message: told };
      pending = null;
      return fault;
    };
  };
}
