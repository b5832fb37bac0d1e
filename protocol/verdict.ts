import type { Connection } from './evidence.ts';
import type { LinkName } from './topology.ts';

/**
 * What the evidence means. `headline` starts with the words "Multipath TCP", "Fell back to TCP", "Plain TCP" or
 * "No connection"; `explanation` says the rest in one or two sentences; `remedy` what to change, where there is something.
 */
export type Verdict =
  | { kind: 'multipath'; headline: string; explanation: string; connections: Connection[]; bytes: LinkShare[] }
  | { kind: 'fallback'; headline: string; explanation: string; remedy: string; reason: FallbackReason; bytes: LinkShare[] }
  | { kind: 'plain-tcp'; headline: string; explanation: string; remedy: string; bytes: LinkShare[] }
  | { kind: 'nothing'; headline: string; explanation: string; remedy: string };

export type FallbackReason = 'server-is-plain-tcp' | 'options-stripped' | 'late' | 'blackhole' | 'unknown';

/** Bytes with all headers, both directions, and their share of the run's bytes in percent. */
export type LinkShare = { link: LinkName; title: string; bytes: number; percent: number };
