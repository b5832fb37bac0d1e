import type { Evidence } from '../../../protocol/evidence.ts';

/** A counter of the client that a timeline tells of when it moves: no event does. */
type Told = { counter: string; group: 'tcp' | 'mptcp'; tell(count: number): string };

const segments = (count: number) => (count === 1 ? 'One segment is' : `${count} segments are`);
const FALLBACKS: Record<string, string> = {
  MPCapableFallbackSYNACK: 'the answer to the SYN had no option',
  MPCapableDataFallback: 'the first data had no option',
  DssFallback: 'data came without a mapping',
  InfiniteMapRx: 'the server gave it up',
};

/** Names are the kernel's: the Tcp line of /proc/net/snmp, and MPTcpExt (net/mptcp/mib.c). */
const TOLD_COUNTERS: Told[] = [
  { counter: 'RetransSegs', group: 'tcp', tell: (count) => `${segments(count)} sent again` },
  { counter: 'MPTCPRetrans', group: 'mptcp', tell: (count) => `${segments(count)} sent again over another subflow` },
  ...Object.entries(FALLBACKS).map(
    ([counter, why]): Told => ({
      counter,
      group: 'mptcp',
      tell: () => `Fallback: the connection goes on as plain TCP, since ${why}`,
    }),
  ),
];

/** By counter: its count, the count before its present line of the timeline, and when that line began. */
export type Counted = Record<string, { count: number; before: number; atMs: number }>;
export const NOTHING_COUNTED: Counted = {};

/** What moves again so soon is told by the same line: a link that fails sends hundreds of segments again. */
const ONE_LINE_MS = 2_000;

/** A line to be told, in the place of the same counter's line at that time. */
export type CountedLine = { counter: string; atMs: number; text: string };

/** The lines of the counters that moved since the last evidence. Pure. */
export function tellCounters(
  before: Counted,
  counters: Evidence['counters'],
  atMs: number,
): { counted: Counted; lines: CountedLine[] } {
  const counted = { ...before };
  const lines: CountedLine[] = [];
  for (const { counter, group, tell } of TOLD_COUNTERS) {
    const count = counters.client[group][counter] ?? 0;
    const last = before[counter] ?? { count: 0, before: 0, atMs: Number.NEGATIVE_INFINITY };
    if (count <= last.count) continue;
    const line = atMs - last.atMs < ONE_LINE_MS ? { ...last, count } : { count, before: last.count, atMs };
    counted[counter] = line;
    lines.push({ counter, atMs: line.atMs, text: tell(count - line.before) });
  }
  return { counted, lines };
}
