import { CONDITION_RANGES, type Condition } from './condition.ts';
import { type Ability, type Conditions, conditionsOf, type EndpointNow, type LinkConditions } from './conditions.ts';
import { excerpt } from './excerpt.ts';
import { RUN_HOSTS, type RunHost } from './manifest.ts';
import { addressesOf, type Topology } from './topology.ts';

export type ConditionFault = {
  code: 'unknown-link' | 'unknown-host' | 'unknown-address' | 'unknown-endpoint' | 'out-of-range' | 'unavailable';
  /** What was expected and what was found, in a sentence for the learner. */
  message: string;
};

export type Wanted = { wanted: Conditions } | { fault: ConditionFault };

/** What a lab that is in `present` conditions shall be in, once the condition is there. */
export function wantedConditions(present: Conditions, condition: Condition, topology: Topology): Wanted {
  switch (condition.kind) {
    case 'link-up':
      return withLink(present, condition.link, ({ near, ...link }) => ({ ...link, near: { ...near, adminUp: condition.up } }));
    case 'link-rate':
      return (
        outOfRange('rateKbit', condition.rateKbit) ??
        withLink(present, condition.link, (link) => ({ ...link, rateKbit: condition.rateKbit }))
      );
    case 'link-delay':
      return (
        (condition.delayMs === null ? null : unavailable(present, 'link-delay')) ??
        outOfRange('delayMs', condition.delayMs) ??
        withLink(present, condition.link, (link) => ({ ...link, delayMs: condition.delayMs }))
      );
    case 'link-loss':
      return (
        (condition.lossPercent === 0 ? null : unavailable(present, 'link-loss')) ??
        outOfRange('lossPercent', condition.lossPercent, LOSS_STEPS_PER_PERCENT) ??
        withLink(present, condition.link, (link) => ({ ...link, lossPercent: condition.lossPercent }))
      );
    case 'mptcp-enabled':
      return { wanted: { ...present, mptcpEnabled: { ...present.mptcpEnabled, client: condition.enabled } } };
    case 'options-stripped':
      return (
        (condition.from === null ? null : unavailable(present, 'options-stripped')) ?? {
          wanted: { ...present, stripped: condition.from },
        }
      );
    case 'syn-dropped':
      return (
        (condition.dropped ? unavailable(present, 'syn-dropped') : null) ?? {
          wanted: { ...present, synDropped: condition.dropped },
        }
      );
    case 'endpoint-add':
    case 'endpoint-change':
    case 'endpoint-remove':
    case 'limits': {
      const host = RUN_HOSTS.find((name) => name === condition.host);
      if (host === undefined) return refuse('unknown-host', RUN_HOSTS.join(' or '), 'the host', `"${excerpt(condition.host)}"`);
      return onHost(present, condition, host, topology);
    }
    case 'reset':
      return { wanted: conditionsOf(topology, present.unavailable) };
  }
}

/** nft(8) draws a number below 1000. */
const LOSS_STEPS_PER_PERCENT = 10;

type OfHost = Extract<Condition, { host: string }>;

function onHost(present: Conditions, condition: OfHost, host: RunHost, topology: Topology): Wanted {
  switch (condition.kind) {
    case 'endpoint-add': {
      const { address, port, flags } = condition;
      const own = addressesOf(topology, host);
      const link = own.find((candidate) => candidate.address === address)?.link;
      if (link === undefined) {
        const known = own.map((candidate) => candidate.address).join(', ');
        return refuse('unknown-address', `one of ${known}`, `an address of the ${host}`, `"${excerpt(address)}"`);
      }
      const added: EndpointNow = { host, id: null, address, port, link, flags: [...new Set(flags)] };
      return outOfRange('port', port) ?? { wanted: { ...present, endpoints: [...present.endpoints, added] } };
    }
    case 'endpoint-change':
      return withEndpoint(present, host, condition.id, (endpoint) => {
        const wished = { backup: condition.backup, fullmesh: condition.fullmesh };
        const kept = endpoint.flags.filter((flag) => !((flag === 'backup' || flag === 'fullmesh') && wished[flag] === false));
        const given = (['backup', 'fullmesh'] as const).filter((flag) => wished[flag] === true);
        return [{ ...endpoint, flags: [...new Set([...kept, ...given])] }];
      });
    case 'endpoint-remove':
      return withEndpoint(present, host, condition.id, () => []);
    case 'limits': {
      const { subflows, addAddrAccepted } = condition;
      const limits = present.limits.map((limit) => (limit.host === host ? { host, subflows, addAddrAccepted } : limit));
      return (
        outOfRange('subflows', subflows) ?? outOfRange('addAddrAccepted', addAddrAccepted) ?? { wanted: { ...present, limits } }
      );
    }
  }
}

function withLink(present: Conditions, name: string, change: (link: LinkConditions) => LinkConditions): Wanted {
  if (!present.links.some(({ link }) => link === name)) {
    const known = present.links.map(({ link }) => link).join(', ');
    return refuse('unknown-link', `one of ${known}`, 'the link', `"${excerpt(name)}"`);
  }
  return { wanted: { ...present, links: present.links.map((link) => (link.link === name ? change(link) : link)) } };
}

function withEndpoint(present: Conditions, host: RunHost, id: number, change: (found: EndpointNow) => EndpointNow[]): Wanted {
  const own = present.endpoints.filter((endpoint) => endpoint.host === host);
  if (!own.some((endpoint) => endpoint.id === id)) {
    const known = own.length === 0 ? 'an endpoint, of which it has none,' : `one of ${own.map((found) => found.id).join(', ')}`;
    return refuse('unknown-endpoint', known, `the number of an endpoint of the ${host}`, String(id));
  }
  const endpoints = present.endpoints.flatMap((found) => (found.host === host && found.id === id ? change(found) : [found]));
  return { wanted: { ...present, endpoints } };
}

function outOfRange(name: keyof typeof CONDITION_RANGES, value: number | null, steps = 1): { fault: ConditionFault } | null {
  const { least, most, unit } = CONDITION_RANGES[name];
  if (value === null || (Number.isInteger(value * steps) && value >= least && value <= most)) return null;
  const kind = steps === 1 ? 'a whole number' : `a number in steps of ${1 / steps}`;
  return refuse('out-of-range', `${kind} from ${least} to ${most} ${unit}`.trim(), name, String(value));
}

function unavailable(present: Conditions, ability: Ability): { fault: ConditionFault } | null {
  const reason = present.unavailable[ability];
  return reason === undefined ? null : { fault: { code: 'unavailable', message: reason } };
}

function refuse(code: ConditionFault['code'], expected: string, what: string, found: string): { fault: ConditionFault } {
  return { fault: { code, message: `Expected ${expected} as ${what}, found ${found}.` } };
}
