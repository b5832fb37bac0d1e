import type { EndpointFlag, StrippedFrom } from '../condition.ts';
import type { RunHost } from '../manifest.ts';
import type { LinkName } from '../topology.ts';
import type { FallbackReason, PlainReason, Verdict } from '../verdict.ts';

/**
 * What a step of a lesson wants to be so, as data: it is looked for in what was seen (look.ts), said in a sentence (say.ts), and
 * tried on the real kernel both ways. It asks what the network did, never what was typed.
 *
 * Those about an attempt hold when one attempt shows all of it; those about the lab hold while the lab is so. In an `all` with both,
 * an attempt counts only if the lab was so when the attempt began: what began before a switch shows nothing of what the switch did.
 */
export type Check = AttemptCheck | LabCheck | { that: 'all'; of: Check[] } | { that: 'any'; of: Check[] };

/** `of` an attempt: all at once in the same one. */
export type AttemptCheck = { that: 'attempt'; shows: Sight[] };

/** Something that an attempt of the client shows. */
export type Sight =
  | { sight: 'verdict'; kind: Verdict['kind']; reason?: FallbackReason | PlainReason }
  /** A connection with so many subflows at least, all together or over that link. */
  | { sight: 'subflows'; least: number; link?: LinkName; backup?: boolean; role?: 'initial' | 'joined' }
  /** A connection with so many subflows at most. */
  | { sight: 'subflows-at-most'; most: number }
  /** Bytes with all headers, both directions. */
  | { sight: 'carried'; link: LinkName; leastBytes: number }
  | { sight: 'carried-at-most'; link: LinkName; mostBytes: number }
  /** Of what the client's links carried together. */
  | { sight: 'share'; link: Exclude<LinkName, 'lan'>; leastPercent: number }
  /** That link went down while a connection was open, and another one carried so many bytes after it. */
  | { sight: 'outlived'; link: LinkName; leastBytes: number }
  /** A counter of MPTcpExt (net/mptcp/mib.c) of a host that moved by so much at least. */
  | { sight: 'counter'; host: RunHost; name: string; least: number }
  | { sight: 'counter-at-most'; host: RunHost; name: string; most: number }
  /** A subflow to another port of the server than the first one's. */
  | { sight: 'other-port' }
  /** The server announced that address (RFC 8684, section 3.4.1). */
  | { sight: 'announced'; address: string }
  /** The server took an address back (RFC 8684, section 3.4.2). */
  | { sight: 'address-removed' }
  /** A subflow was closed with that reason (RFC 8684, section 3.6), or with any where there is none. */
  | { sight: 'subflow-reset'; reason?: number }
  | { sight: 'family'; is: 'ipv4' | 'ipv6'; role?: 'initial' | 'joined' }
  | { sight: 'over' };

/** How the lab is now. */
export type LabCheck =
  | { that: 'mptcp-enabled'; host: RunHost; is: boolean }
  | { that: 'link'; link: LinkName; up: boolean }
  | { that: 'link-delay'; link: LinkName; leastMs: number }
  /** A link without a rate is as fast as the machine. */
  | { that: 'link-rate'; link: LinkName; mostKbit: number }
  | { that: 'stripped'; from: StrippedFrom | null }
  | { that: 'syn-dropped'; is: boolean }
  /** An endpoint with all of these flags; `there: false` for none of that address. */
  | { that: 'endpoint'; host: RunHost; address: string; there: boolean; flags?: EndpointFlag[]; port?: number }
  | { that: 'limits'; host: RunHost; leastSubflows?: number; leastAccepted?: number };

/** `hint` says what is seen instead, in a sentence or two. */
export type Answer = { state: 'done' } | { state: 'not-yet'; hint: string };

/** Whether no attempt is needed for it. */
export function isOfLabAlone(check: Check): boolean {
  if (check.that === 'all' || check.that === 'any') return check.of.every(isOfLabAlone);
  return check.that !== 'attempt';
}

/** Whether what it asks can be undone again: it is about how the lab is now. */
export function isAboutNow(check: Check): boolean {
  switch (check.that) {
    case 'attempt':
      return false;
    case 'all':
    case 'any':
      return check.of.some(isAboutNow);
    case 'mptcp-enabled':
    case 'link':
    case 'link-delay':
    case 'link-rate':
    case 'stripped':
    case 'syn-dropped':
    case 'endpoint':
    case 'limits':
      return true;
  }
}
