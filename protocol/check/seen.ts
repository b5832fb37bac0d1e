import type { Conditions } from '../conditions.ts';
import type { Evidence, MptcpEvent } from '../evidence.ts';
import type { RunHost } from '../manifest.ts';
import type { FromRunner } from '../message.ts';
import type { LinkName } from '../topology.ts';
import type { Verdict } from '../verdict.ts';

/**
 * What was seen of a lab since a step of a lesson began: the present conditions, and all that the client tried. Made of the
 * stream of events alone, so that a recording and a test see what the page of a learner sees. Pure.
 */
export type Seen = {
  /** Null until the lab has told them. */
  conditions: Conditions | null;
  /** In the order in which they began. A run of a program is one, and so is each attempt of a shell. */
  attempts: Attempt[];
  /** Events of the kernels that belong to no attempt of the client. */
  events: { host: RunHost; event: MptcpEvent }[];
};

/** From the client's first connection after a rest until all are closed. */
export type Attempt = {
  /** The lab as it was when the attempt began; null until that is told. */
  lab: Conditions | null;
  evidence: Evidence | null;
  verdict: Verdict | null;
  /** Whether all of its connections are closed. */
  isOver: boolean;
  /** Links that went down while it went on, with the bytes that each link had carried by then, both directions. */
  cuts: { link: LinkName; carried: LinkTotals }[];
  /** What the client's kernel told meanwhile, in its order. */
  events: MptcpEvent[];
};

export type LinkTotals = Partial<Record<LinkName, number>>;

/** Of a learner who tries again and again, the last ones are looked at. */
const MAX_ATTEMPTS = 20;
const MAX_EVENTS = 300;

export const NOTHING_SEEN: Seen = { conditions: null, attempts: [], events: [] };

/** A new step begins: what was tried before does not count, the lab stays as it is, and what goes on goes on. */
export function sinceNow({ conditions, attempts }: Seen): Seen {
  return { conditions, attempts: attempts.filter(({ isOver }) => !isOver).slice(-1), events: [] };
}

/** What was seen, with one more event in it. */
export function see(seen: Seen, event: FromRunner): Seen {
  switch (event.type) {
    case 'lab-opened':
      return NOTHING_SEEN;
    case 'conditions':
      return {
        ...(event.atAttempt ? withBeginning : withCuts)(seen, event.conditions),
        conditions: event.conditions,
      };
    case 'run-phase':
      return event.host === 'client' && event.phase === 'running' ? withAttempt(seen, seen.conditions) : seen;
    case 'attempt':
      return withAttempt(seen, null);
    case 'mptcp-event':
      return withEvent(seen, event.host, event.event);
    case 'evidence':
      return withLast(seen, () => ({ evidence: event.evidence }));
    case 'traffic':
      return withLast(seen, ({ evidence }) => (evidence === null ? {} : { evidence: { ...evidence, links: event.links } }));
    case 'verdict':
      return withLast(seen, () => ({ verdict: event.verdict, isOver: event.final }));
    case 'welcome':
    case 'waiting':
    case 'lab-closed':
    case 'draining':
    case 'run-ended':
    case 'shell-started':
    case 'shell-ended':
    case 'flows':
    case 'capture':
    case 'tool-text':
    case 'error':
      return seen;
  }
}

/** Bytes that a link has carried in both directions. */
export function totals(links: Evidence['links']): LinkTotals {
  return Object.fromEntries(
    Object.entries(links).map(([name, { sentBytes, receivedBytes }]) => [name, sentBytes + receivedBytes]),
  );
}

function withAttempt(seen: Seen, lab: Conditions | null): Seen {
  const begun: Attempt = { lab, evidence: null, verdict: null, isOver: false, cuts: [], events: [] };
  return { ...seen, attempts: [...seen.attempts, begun].slice(-MAX_ATTEMPTS) };
}

function withLast(seen: Seen, change: (last: Attempt) => Partial<Attempt>): Seen {
  const last = seen.attempts.at(-1);
  return last === undefined ? seen : { ...seen, attempts: [...seen.attempts.slice(0, -1), { ...last, ...change(last) }] };
}

function withEvent(seen: Seen, host: RunHost, event: MptcpEvent): Seen {
  const last = seen.attempts.at(-1);
  if (host === 'client' && last !== undefined && !last.isOver) {
    return withLast(seen, ({ events }) => ({ events: [...events, event].slice(-MAX_EVENTS) }));
  }
  return { ...seen, events: [...seen.events, { host, event }].slice(-MAX_EVENTS) };
}

function withBeginning(seen: Seen, lab: Conditions): Seen {
  return { ...seen, attempts: seen.attempts.map((attempt) => ({ ...attempt, lab: attempt.lab ?? lab })) };
}

function withCuts(seen: Seen, now: Conditions): Seen {
  const last = seen.attempts.at(-1);
  // Before it is known how the lab was when it began, nothing is known to have changed since.
  if (last === undefined || last.isOver || last.lab === null) return seen;
  const before = seen.conditions;
  const fallen = now.links.filter(({ near, far, link }) => {
    const was = before?.links.find((known) => known.link === link);
    return was !== undefined && isUp(was) && !isUp({ near, far });
  });
  if (fallen.length === 0) return seen;
  const carried = totals(last.evidence?.links ?? {});
  return withLast(seen, ({ cuts }) => ({ cuts: [...cuts, ...fallen.map(({ link }) => ({ link, carried }))] }));
}

function isUp({ near, far }: Pick<Conditions['links'][number], 'near' | 'far'>): boolean {
  return near.adminUp && far.adminUp;
}
