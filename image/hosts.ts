import type { HostName, Topology } from '../protocol/topology.ts';

/**
 * /etc/hosts of the image (hosts(5)): each host of the lab by its name and its further names, IPv4 and IPv6.
 * A name stands for one address of each family, so that a program which tries them all reaches the host once.
 */
export function hostsFile(topology: Topology): string {
  const lines = ['127.0.0.1 localhost', '::1 localhost ip6-localhost'];
  for (const { name, names } of topology.hosts) {
    for (const address of addressesOf(topology, name)) lines.push([address, name, ...names].join(' '));
  }
  return `${lines.join('\n')}\n`;
}

/** The primary addresses on the LAN where the host is on it, else on its first link: the client's Wi-Fi. */
function addressesOf(topology: Topology, host: HostName): string[] {
  const ends = topology.links.flatMap(({ name, near, far }) => [near, far].map((end) => ({ link: name, ...end })));
  const own = ends.filter((end) => end.host === host);
  const end = own.find(({ link }) => link === 'lan') ?? own[0];
  return [end?.ipv4[0], end?.ipv6[0]].filter((cidr) => cidr !== undefined).map((cidr) => cidr.replace(/\/\d+$/, ''));
}
