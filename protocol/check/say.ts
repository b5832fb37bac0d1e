import type { LinkName } from '../topology.ts';
import type { FallbackReason, PlainReason, Verdict } from '../verdict.ts';
import { type AttemptCheck, type Check, isOfLabAlone, type LabCheck, type Sight } from './check.ts';

/** What a check looks for, as a sentence without its full stop: for who reads a lesson without a lab. */
export function say(check: Check): string {
  switch (check.that) {
    case 'all': {
      const isInLab = check.of.some(isOfLabAlone);
      return check.of.map((part) => (part.that === 'attempt' ? sayAttempt(part, isInLab) : say(part))).join('; and ');
    }
    case 'any':
      return check.of.map(say).join('; or ');
    case 'attempt':
      return sayAttempt(check, false);
    case 'mptcp-enabled':
    case 'link':
    case 'link-delay':
    case 'link-rate':
    case 'stripped':
    case 'syn-dropped':
    case 'endpoint':
    case 'limits':
      return sayLab(check);
  }
}

function sayAttempt({ shows }: AttemptCheck, isInLab: boolean): string {
  return `in one attempt of the client${isInLab ? ' that begins then' : ''}: ${shows.map(saySight).join('; ')}`;
}

const TITLES: Record<LinkName, string> = { wifi: 'Wi-Fi', cellular: 'cellular', lan: 'the LAN' };

/** As it stands within a sentence. */
export function title(link: LinkName): string {
  return TITLES[link];
}

/** As a sentence begins. */
export function atStart(words: string): string {
  return words.charAt(0).toUpperCase() + words.slice(1);
}

/** "250 bytes", "98 kB", "1.9 MB": rounded down, since what is asked for is there or not. */
export function sayBytes(bytes: number): string {
  if (bytes === 0) return 'nothing';
  if (bytes < 1_000) return `${bytes} bytes`;
  return bytes < 1_000_000 ? `${Math.floor(bytes / 1_000)} kB` : `${Math.floor(bytes / 100_000) / 10} MB`;
}

const VERDICTS: Record<Verdict['kind'], string> = {
  multipath: 'Multipath TCP',
  fallback: 'a fallback to TCP',
  'plain-tcp': 'plain TCP',
  nothing: 'no connection',
};

const REASONS: Record<FallbackReason | PlainReason, string> = {
  'server-is-plain-tcp': 'the server is plain TCP',
  'stripped-from-syn': 'the option was removed from the SYN',
  'stripped-from-syn-ack': 'the option was removed from the SYN+ACK',
  blackhole: 'SYN packets with the option are lost',
  'blackhole-remembered': 'the kernel remembers a blackhole',
  late: 'the options went missing later',
  'plain-socket': 'the socket is a TCP socket',
  'switched-off': 'Multipath TCP is switched off',
};

function saySight(sight: Sight): string {
  switch (sight.sight) {
    case 'verdict':
      return `the verdict is ${VERDICTS[sight.kind]}${sight.reason === undefined ? '' : `, since ${REASONS[sight.reason]}`}`;
    case 'subflows': {
      const where = sight.link === undefined ? '' : ` over ${title(sight.link)}`;
      const what = `${sight.backup === true ? 'backup ' : ''}${sight.role === 'joined' ? 'joined ' : ''}`;
      return `a connection has ${sight.least === 1 ? `a ${what}subflow` : `at least ${sight.least} ${what}subflows`}${where}`;
    }
    case 'subflows-at-most':
      return `each connection has at most ${sight.most === 1 ? 'one subflow' : `${sight.most} subflows`}`;
    case 'carried':
      return `${title(sight.link)} carries at least ${sayBytes(sight.leastBytes)}`;
    case 'carried-at-most':
      return `${title(sight.link)} carries ${sight.mostBytes === 0 ? '' : 'at most '}${sayBytes(sight.mostBytes)}`;
    case 'share':
      return `${title(sight.link)} carries at least ${sight.leastPercent} % of the bytes`;
    case 'outlived':
      return `${title(sight.link)} goes down, and the connection goes on over another link`;
    case 'counter':
      return `MPTcpExt${sight.name} of the ${sight.host} goes up by ${sight.least} at least`;
    case 'counter-at-most':
      return `MPTcpExt${sight.name} of the ${sight.host} ${sight.most === 0 ? 'stays as it is' : `goes up by ${sight.most} at most`}`;
    case 'other-port':
      return 'a subflow goes to another port of the server than the first one';
    case 'announced':
      return `the server announces ${sight.address}`;
    case 'address-removed':
      return 'the server takes an address back';
    case 'subflow-reset':
      return `a subflow is reset${sight.reason === undefined ? ' with a reason' : ` with reason ${sight.reason}`}`;
    case 'family':
      return `${sight.role === 'joined' ? 'a joined subflow' : 'a connection'} goes over ${sight.is === 'ipv4' ? 'IPv4' : 'IPv6'}`;
    case 'over':
      return 'all of its connections are closed';
  }
}

function sayLab(check: LabCheck): string {
  switch (check.that) {
    case 'mptcp-enabled':
      return `net.mptcp.enabled is ${check.is ? 1 : 0} on the ${check.host}`;
    case 'link':
      return `${title(check.link)} is ${check.up ? 'up' : 'down'}`;
    case 'link-delay':
      return `${title(check.link)} adds at least ${check.leastMs} ms`;
    case 'link-rate':
      return `the rate of ${title(check.link)} is at most ${check.mostKbit} kbit/s`;
    case 'stripped':
      return check.from === null
        ? 'the router lets all options pass'
        : `the router removes Multipath TCP options (${check.from})`;
    case 'syn-dropped':
      return check.is ? 'the router drops SYN packets with MP_CAPABLE' : 'the router lets SYN packets pass';
    case 'endpoint': {
      if (!check.there) return `the ${check.host} has no endpoint ${check.address}`;
      const flags = check.flags === undefined ? '' : ` with ${check.flags.join(' ')}`;
      return `the ${check.host} has an endpoint ${check.address}${flags}${check.port === undefined ? '' : `, port ${check.port}`}`;
    }
    case 'limits': {
      const parts = [
        ...(check.leastSubflows === undefined ? [] : [`${check.leastSubflows} more subflows`]),
        ...(check.leastAccepted === undefined ? [] : [`${check.leastAccepted} announced addresses`]),
      ];
      return `the ${check.host} allows at least ${parts.join(' and ')}`;
    }
  }
}
