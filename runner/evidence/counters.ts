/** Counters by their kernel names. */
export type Counters = Record<string, number>;

/**
 * One group of /proc/net/netstat or /proc/net/snmp: two lines that start with its name, the first with the
 * counters' names and the second with their values (net/ipv4/proc.c). An absent group gives no counters.
 */
export function parseCounters(text: string, group: string): Counters {
  const lines = text.split('\n').filter((line) => line.startsWith(`${group}: `));
  const [names = [], values = []] = lines.map((line) => line.split(' ').slice(1));
  return Object.fromEntries(names.map((name, position) => [name, Number(values[position] ?? 0)]));
}

/** What moved between two readings; what stayed is left out. */
export function differences(before: Counters, after: Counters): Counters {
  const moved = Object.entries(after).map(([name, value]) => [name, value - (before[name] ?? 0)] as const);
  return Object.fromEntries(moved.filter(([, difference]) => difference !== 0));
}
