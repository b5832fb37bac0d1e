import type { EndpointFlag, StrippedFrom } from './condition.ts';
import type { RunHost } from './manifest.ts';
import type { HostName, LinkName, PathManagerLimits, Topology } from './topology.ts';

/** How a lab is now, as its kernel tells it (see runner/lab/read-conditions.ts). Everything that a condition can change. */
export type Conditions = {
  links: LinkConditions[];
  /** `net.mptcp.enabled` of each host. */
  mptcpEnabled: Record<RunHost, boolean>;
  /** `null`: the router removes no option. */
  stripped: StrippedFrom | null;
  /** The router drops SYN packets with MP_CAPABLE. */
  synDropped: boolean;
  endpoints: EndpointNow[];
  limits: PathManagerLimits[];
  /** What this machine's kernel cannot do, each with the reason as a sentence. */
  unavailable: Unavailable;
};

export type LinkConditions = {
  link: LinkName;
  near: LinkEndState;
  far: LinkEndState;
  rateKbit: number | null;
  delayMs: number | null;
  lossPercent: number;
};

/**
 * One end of a link: `adminUp` is what `ip link set` says (IFF_UP), `carrier` whether the other end is there (IFF_LOWER_UP);
 * `operstate` is the kernel's own word for both, e.g. `up`, `down`, `lowerlayerdown` (RFC 2863, Linux operstates.rst).
 */
export type LinkEndState = { adminUp: boolean; carrier: boolean; operstate: string };

/** An endpoint with the number that the kernel gave it; `null` for one that is not there yet. */
export type EndpointNow = {
  host: RunHost;
  id: number | null;
  address: string;
  port: number | null;
  link: LinkName | null;
  flags: EndpointFlag[];
};

export type Ability = 'link-delay' | 'link-loss' | 'options-stripped' | 'syn-dropped';
export type Unavailable = Partial<Record<Ability, string>>;

/** A command of a host's administrator, one line of sh(1), the same in the lab and on a machine of one's own. */
export type HostCommand = { host: HostName; line: string };

/** The conditions that a topology's own commands leave in a fresh lab. */
export function conditionsOf(topology: Topology, unavailable: Unavailable): Conditions {
  const up: LinkEndState = { adminUp: true, carrier: true, operstate: 'up' };
  return {
    links: topology.links.map(({ name, rateMbit, delayMs }) => ({
      link: name,
      near: up,
      far: up,
      rateKbit: rateMbit === null ? null : rateMbit * 1000,
      delayMs: unavailable['link-delay'] === undefined ? delayMs : null,
      lossPercent: 0,
    })),
    mptcpEnabled: { client: true, server: true },
    stripped: null,
    synDropped: false,
    endpoints: (['client', 'server'] as const).flatMap((host) =>
      topology.endpoints
        .filter((endpoint) => endpoint.host === host)
        .map(({ address, link, flags }, index) => ({ host, id: index + 1, address, port: null, link, flags })),
    ),
    limits: topology.limits,
    unavailable,
  };
}
