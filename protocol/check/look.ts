import type { Connection } from '../evidence.ts';
import type { LinkName } from '../topology.ts';
import type { Verdict } from '../verdict.ts';
import { type Answer, type AttemptCheck, type Check, isOfLabAlone, type LabCheck, type Sight } from './check.ts';
import { atStart, sayBytes, title } from './say.ts';
import { type Attempt, NOTHING_SEEN, type Seen, totals } from './seen.ts';

const DONE: Answer = { state: 'done' };
const notYet = (hint: string): Answer => ({ state: 'not-yet', hint });

/** Whether what a check asks was seen, and what was seen instead. */
export function look(check: Check, seen: Seen): Answer {
  switch (check.that) {
    case 'all':
      return lookAtAll(check.of, seen);
    case 'any': {
      const answers = check.of.map((part) => look(part, seen));
      return answers.find(({ state }) => state === 'done') ?? answers[0] ?? DONE;
    }
    case 'attempt':
      return lookAtAttempts(check, seen.attempts);
    case 'mptcp-enabled':
    case 'link':
    case 'link-delay':
    case 'link-rate':
    case 'stripped':
    case 'syn-dropped':
    case 'endpoint':
    case 'limits':
      return lookAtLab(check, seen);
  }
}

function lookAtAll(parts: Check[], seen: Seen): Answer {
  const ofLab = parts.filter(isOfLabAlone);
  const now = firstNotYet(ofLab, seen);
  if (now.state === 'not-yet') return now;
  const asBegun = (attempt: Attempt) => firstNotYet(ofLab, { ...NOTHING_SEEN, conditions: attempt.lab });
  const counted = seen.attempts.filter((attempt) => asBegun(attempt).state === 'done');
  const answer = firstNotYet(parts, { ...seen, attempts: counted });
  const last = seen.attempts.at(-1);
  if (answer.state === 'done' || last === undefined) return answer;
  const early = asBegun(last);
  if (early.state === 'done') return answer;
  if (last.lab === null) return notYet('A connection begins.');
  return notYet(`When the last attempt began, this was so: ${early.hint} Try again.`);
}

function firstNotYet(parts: Check[], seen: Seen): Answer {
  return parts.map((part) => look(part, seen)).find(({ state }) => state === 'not-yet') ?? DONE;
}

function lookAtAttempts({ shows }: AttemptCheck, attempts: Attempt[]): Answer {
  const last = attempts.at(-1);
  if (last === undefined) return notYet('The client has opened no connection yet.');
  const missing = (attempt: Attempt) => shows.map((sight) => whyNot(sight, attempt)).find((why) => why !== null) ?? null;
  if (attempts.some((attempt) => missing(attempt) === null)) return DONE;
  return notYet(missing(last) ?? '');
}

/** What an attempt shows instead; `null` where it shows what is wanted. */
function whyNot(sight: Sight, attempt: Attempt): string | null {
  const { evidence, verdict, events } = attempt;
  const connections = evidence?.connections ?? [];
  const subflows = connections.flatMap((connection) => connection.subflows);
  switch (sight.sight) {
    case 'verdict': {
      if (verdict === null) return 'A connection begins; the kernel has not told what it is.';
      const reason = 'reason' in verdict ? verdict.reason : undefined;
      if (verdict.kind === sight.kind && (sight.reason === undefined || sight.reason === reason)) return null;
      return toldVerdict(verdict);
    }
    case 'subflows': {
      const fitting = ({ subflows }: Connection) =>
        subflows.filter(
          ({ link, backup, role }) =>
            (sight.link === undefined || sight.link === link) &&
            (sight.backup === undefined || sight.backup === backup) &&
            (sight.role === undefined || sight.role === role),
        ).length;
      if (connections.some((connection) => fitting(connection) >= sight.least)) return null;
      if (connections.length === 0) return noConnection(verdict);
      return `The last connection had ${toldSubflows(connections.at(-1))}.`;
    }
    case 'subflows-at-most':
      if (connections.length > 0 && connections.every(({ subflows }) => subflows.length <= sight.most)) return null;
      return connections.length === 0 ? noConnection(verdict) : `The last connection had ${toldSubflows(connections.at(-1))}.`;
    case 'carried': {
      const bytes = totals(evidence?.links ?? {})[sight.link] ?? 0;
      return bytes >= sight.leastBytes ? null : `${atStart(title(sight.link))} has carried ${sayBytes(bytes)}.`;
    }
    case 'carried-at-most': {
      const bytes = totals(evidence?.links ?? {})[sight.link] ?? 0;
      return evidence !== null && bytes <= sight.mostBytes
        ? null
        : `${atStart(title(sight.link))} has carried ${sayBytes(bytes)}.`;
    }
    case 'share': {
      const { wifi = 0, cellular = 0 } = totals(evidence?.links ?? {});
      const bytes = sight.link === 'wifi' ? wifi : cellular;
      const percent = wifi + cellular === 0 ? 0 : (100 * bytes) / (wifi + cellular);
      return percent >= sight.leastPercent
        ? null
        : `${atStart(title(sight.link))} has carried ${Math.floor(percent)} % of the bytes.`;
    }
    case 'outlived':
      return whyNotOutlived(sight.link, sight.leastBytes, attempt);
    case 'counter': {
      const count = evidence?.counters[sight.host].mptcp[sight.name] ?? 0;
      return count >= sight.least ? null : `On the ${sight.host}, MPTcpExt${sight.name} went up by ${count}.`;
    }
    case 'counter-at-most': {
      const count = evidence?.counters[sight.host].mptcp[sight.name] ?? 0;
      return count <= sight.most ? null : `On the ${sight.host}, MPTcpExt${sight.name} went up by ${count}.`;
    }
    case 'other-port': {
      const others = connections.flatMap((connection) => {
        const first = connection.subflows.find(({ role }) => role === 'initial')?.flow.remotePort;
        return connection.subflows.filter(({ flow }) => first !== undefined && flow.remotePort !== first);
      });
      if (others.length > 0) return null;
      return `All subflows went to port ${subflows[0]?.flow.remotePort ?? 'nowhere'}.`;
    }
    case 'announced': {
      const announced = events.flatMap((event) => (event.kind === 'announced' ? [event.address] : []));
      if (announced.includes(sight.address)) return null;
      return announced.length === 0 ? 'The server announced no address.' : `The server announced ${announced.join(', ')}.`;
    }
    case 'address-removed':
      return events.some(({ kind }) => kind === 'removed') ? null : 'The server has taken no address back.';
    case 'subflow-reset': {
      const resets = events.flatMap((event) =>
        event.kind === 'subflow-closed' && event.resetReason !== null ? [event.resetReason] : [],
      );
      if (resets.some((reason) => sight.reason === undefined || reason === sight.reason)) return null;
      return resets.length === 0
        ? 'No subflow was reset with a reason.'
        : `A subflow was reset with reason ${resets.join(', ')}.`;
    }
    case 'family': {
      const isFamily = (address: string) => address.includes(':') === (sight.is === 'ipv6');
      const fitting = subflows.filter(({ role }) => sight.role === undefined || role === sight.role);
      if (fitting.some(({ flow }) => isFamily(flow.remoteAddress))) return null;
      return fitting.length === 0 ? noConnection(verdict) : `The last connection went to ${fitting[0]?.flow.remoteAddress}.`;
    }
    case 'over':
      return attempt.isOver ? null : 'The connection is still open.';
  }
}

function whyNotOutlived(link: LinkName, leastBytes: number, { cuts, evidence, verdict }: Attempt): string | null {
  const cut = cuts.find((candidate) => candidate.link === link);
  if (cut === undefined) return `${atStart(title(link))} did not go down while a connection was open.`;
  if (verdict !== null && verdict.kind !== 'multipath') return toldVerdict(verdict);
  const now = totals(evidence?.links ?? {});
  const others = (Object.keys(now) as LinkName[]).filter((name) => name !== link && name !== 'lan');
  const bytes = Math.max(0, ...others.map((name) => (now[name] ?? 0) - (cut.carried[name] ?? 0)));
  return bytes >= leastBytes ? null : `Since ${title(link)} went down, another link has carried ${sayBytes(bytes)}.`;
}

function toldVerdict({ headline, explanation }: Verdict): string {
  return `${headline}. ${explanation}`;
}

function noConnection(verdict: Verdict | null): string {
  return verdict === null ? 'The kernel tells of no Multipath TCP connection.' : toldVerdict(verdict);
}

function toldSubflows(connection: Connection | undefined): string {
  const subflows = connection?.subflows ?? [];
  const places = subflows.map(
    ({ link, backup }) => `${backup ? 'a backup ' : ''}over ${link === null ? 'no link of the client' : title(link)}`,
  );
  return `${subflows.length === 1 ? 'one subflow' : `${subflows.length} subflows`}: ${places.join(', ')}`;
}

function lookAtLab(check: LabCheck, { conditions }: Seen): Answer {
  if (conditions === null) return notYet('There is no lab yet.');
  const told = whyLabIsNot(check, conditions);
  return told === null ? DONE : notYet(told);
}

function whyLabIsNot(check: LabCheck, conditions: NonNullable<Seen['conditions']>): string | null {
  switch (check.that) {
    case 'mptcp-enabled': {
      const is = conditions.mptcpEnabled[check.host];
      return is === check.is ? null : `On the ${check.host}, net.mptcp.enabled is ${is ? 1 : 0}.`;
    }
    case 'link': {
      const link = conditions.links.find((candidate) => candidate.link === check.link);
      const up = link?.near.adminUp === true && link.far.adminUp;
      return up === check.up ? null : `${atStart(title(check.link))} is ${up ? 'up' : 'down'}.`;
    }
    case 'link-delay': {
      const delayMs = conditions.links.find((candidate) => candidate.link === check.link)?.delayMs ?? 0;
      return delayMs >= check.leastMs ? null : `${atStart(title(check.link))} adds ${delayMs} ms.`;
    }
    case 'link-rate': {
      const rateKbit = conditions.links.find((candidate) => candidate.link === check.link)?.rateKbit ?? null;
      if (rateKbit !== null && rateKbit <= check.mostKbit) return null;
      return rateKbit === null
        ? `${atStart(title(check.link))} has no rate.`
        : `The rate of ${title(check.link)} is ${rateKbit} kbit/s.`;
    }
    case 'stripped':
      if (conditions.stripped === check.from) return null;
      return conditions.stripped === null ? 'The router lets all options pass.' : 'The router removes options elsewhere.';
    case 'syn-dropped':
      if (conditions.synDropped === check.is) return null;
      return check.is ? 'The router lets SYN packets pass.' : 'The router still drops SYN packets with MP_CAPABLE.';
    case 'endpoint': {
      const found = conditions.endpoints.find(({ host, address }) => host === check.host && address === check.address);
      if (!check.there) return found === undefined ? null : `The ${check.host} still has the endpoint ${check.address}.`;
      if (found === undefined) return `The ${check.host} has no endpoint ${check.address}.`;
      const lacking = (check.flags ?? []).filter((flag) => !found.flags.includes(flag));
      if (lacking.length > 0) return `The endpoint ${check.address} is ${found.flags.join(' ') || 'without a flag'}.`;
      if (check.port !== undefined && found.port !== check.port)
        return `The endpoint ${check.address} has ${found.port === null ? 'no port' : `port ${found.port}`}.`;
      return null;
    }
    case 'limits': {
      const limits = conditions.limits.find(({ host }) => host === check.host);
      const { subflows = 0, addAddrAccepted = 0 } = limits ?? {};
      if (subflows >= (check.leastSubflows ?? 0) && addAddrAccepted >= (check.leastAccepted ?? 0)) return null;
      return `The ${check.host} allows ${subflows} more subflows and takes up ${addAddrAccepted} announced addresses.`;
    }
  }
}
