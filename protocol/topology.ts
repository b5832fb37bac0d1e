import type { EndpointFlag } from './condition.ts';

export const HOST_NAMES = ['client', 'router', 'server'] as const;
export type HostName = (typeof HOST_NAMES)[number];
/** The two links that a learner can tell apart; `lan` joins router and server and is never the bottleneck. */
export type LinkName = 'wifi' | 'cellular' | 'lan';

/** One end of a link: the interface's name on that host and its addresses, the first one being the primary. */
export type LinkEnd = { host: HostName; interface: string; ipv4: string[]; ipv6: string[] };

/** A veth pair. `near` is the end away from the server. Rate and delay hold for each direction. */
export type Link = {
  name: LinkName;
  title: string;
  near: LinkEnd;
  far: LinkEnd;
  rateMbit: number | null;
  /** One way; `null` where nothing is to be added. Kept only where the kernel has netem. */
  delayMs: number | null;
};

/** An address that the path manager of a host may use, as `ip mptcp endpoint` knows it (ip-mptcp(8)). */
export type Endpoint = {
  host: HostName;
  address: string;
  link: LinkName;
  flags: EndpointFlag[];
};

/** `ip mptcp limits`: how many extra subflows a connection may have, how many announced addresses it takes up. */
export type PathManagerLimits = { host: HostName; subflows: number; addAddrAccepted: number };

export type Topology = {
  hosts: { name: HostName; names: string[] }[];
  links: Link[];
  endpoints: Endpoint[];
  limits: PathManagerLimits[];
};

/** client - (wifi, cellular) - router - (lan) - server, with a subflow endpoint on the client's second address. */
export const HOME_TOPOLOGY: Topology = {
  hosts: [
    { name: 'client', names: ['client.lab'] },
    { name: 'router', names: ['router.lab'] },
    { name: 'server', names: ['server.lab'] },
  ],
  links: [
    {
      name: 'wifi',
      title: 'Wi-Fi',
      near: { host: 'client', interface: 'wifi', ipv4: ['10.0.1.2/24'], ipv6: ['fd00:1::2/64'] },
      far: { host: 'router', interface: 'wifi', ipv4: ['10.0.1.1/24'], ipv6: ['fd00:1::1/64'] },
      rateMbit: 20,
      delayMs: 10,
    },
    {
      name: 'cellular',
      title: 'cellular',
      near: { host: 'client', interface: 'cellular', ipv4: ['10.0.2.2/24'], ipv6: ['fd00:2::2/64'] },
      far: { host: 'router', interface: 'cellular', ipv4: ['10.0.2.1/24'], ipv6: ['fd00:2::1/64'] },
      rateMbit: 10,
      delayMs: 40,
    },
    {
      name: 'lan',
      title: 'LAN',
      near: { host: 'router', interface: 'lan', ipv4: ['10.0.9.254/24'], ipv6: ['fd00:9::fe/64'] },
      far: { host: 'server', interface: 'lan', ipv4: ['10.0.9.1/24', '10.0.9.2/24'], ipv6: ['fd00:9::1/64', 'fd00:9::2/64'] },
      rateMbit: null,
      delayMs: null,
    },
  ],
  endpoints: [
    { host: 'client', address: '10.0.2.2', link: 'cellular', flags: ['subflow'] },
    { host: 'client', address: 'fd00:2::2', link: 'cellular', flags: ['subflow'] },
  ],
  limits: [
    { host: 'client', subflows: 2, addAddrAccepted: 1 },
    { host: 'server', subflows: 2, addAddrAccepted: 1 },
  ],
};

/** Every address of a host, without its prefix length, and the link that carries it; the first one of a link is the primary. */
export function addressesOf(topology: Topology, host: HostName): { address: string; link: LinkName }[] {
  return topology.links.flatMap(({ name, near, far }) =>
    [near, far]
      .filter((end) => end.host === host)
      .flatMap((end) => [...end.ipv4, ...end.ipv6].map((cidr) => ({ address: withoutPrefix(cidr), link: name }))),
  );
}

/** The address of `10.0.1.2/24`. */
export function withoutPrefix(cidr: string): string {
  return cidr.replace(/\/\d+$/, '');
}

/**
 * The link whose client end carries this address (`10.0.1.2`, without a prefix length), or would: an IPv4 address of the link's
 * network may have been added in a shell. `null` when none does.
 */
export function linkOfClientAddress(topology: Topology, address: string): LinkName | null {
  const carries = ({ near: { host, ipv4, ipv6 } }: Link) =>
    host === 'client' && (ipv6.some((own) => withoutPrefix(own) === address) || ipv4.some((own) => isOfNetwork(address, own)));
  return topology.links.find(carries)?.name ?? null;
}

/** @param cidr any address of the network, `10.0.1.2/24` */
function isOfNetwork(address: string, cidr: string): boolean {
  const hostBits = 2 ** (32 - Number(cidr.split('/')[1]));
  const network = (text: string) => {
    const value = text.split('.').reduce((sum, part) => sum * 256 + Number(part), 0);
    return Math.floor(value / hostBits);
  };
  return !address.includes(':') && network(address) === network(withoutPrefix(cidr));
}
