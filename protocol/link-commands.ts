import { type HostName, type Link, type LinkEnd, type Topology, withoutPrefix } from './topology.ts';

/** A host's end of a link, and the end on the other side. */
export type OwnEnd = { link: Link; end: LinkEnd; other: LinkEnd };

export function endsOf(topology: Topology, host: HostName): OwnEnd[] {
  return topology.links.flatMap((link) => {
    if (link.near.host === host) return [{ link, end: link.near, other: link.far }];
    if (link.far.host === host) return [{ link, end: link.far, other: link.near }];
    return [];
  });
}

/** One line each, as `ip -batch` takes it (ip-address(8)). */
export function addressLines(end: LinkEnd, family: 'ipv4' | 'ipv6'): string[] {
  const nodad = family === 'ipv6' ? ' nodad' : '';
  return end[family].map((address) => `address add ${address} dev ${end.interface}${nodad}`);
}

/** A locally administered address (IEEE 802, 48 bits) for one end of a link, the same in each lab. */
export function macOf(topology: Topology, { host, interface: name }: LinkEnd): string {
  const link = topology.links.findIndex(({ near, far }) =>
    [near, far].some((end) => end.host === host && end.interface === name),
  );
  const end = topology.links[link]?.near.host === host ? 1 : 2;
  return `02:00:00:00:0${link + 1}:0${end}`;
}

/**
 * Who is at the other end of a link (ip-neighbour(8)), so that nobody need ask. The kernel has one table of those that it found
 * by asking for all network namespaces, and a full one fails everybody's connections; permanent ones do not count
 * (net/core/neighbour.c, gc_entries).
 */
export function neighbourLines(topology: Topology, { end, other }: OwnEnd): string[] {
  return [...other.ipv4, ...other.ipv6].map(
    (address) => `neighbour add ${withoutPrefix(address)} lladdr ${macOf(topology, other)} dev ${end.interface} nud permanent`,
  );
}

/**
 * The routes of a host by one of its links, as `ip -batch` takes them (ip-route(8)). A host with several links prefers the
 * first as long as it is up, and has a table for each, so that an address leaves by its own link.
 */
export function routeLines(topology: Topology, host: HostName, own: OwnEnd, family: 'ipv4' | 'ipv6'): string[] {
  if (host === 'router') return [];
  const ends = endsOf(topology, host);
  const index = ends.findIndex(({ link }) => link.name === own.link.name);
  const via = `via ${withoutPrefix(own.other[family][0] ?? '')} dev ${own.end.interface}`;
  if (ends.length === 1) return [`route add default ${via}`];
  return [`route add default ${via} metric ${100 + index}`, `route add default ${via} table ${tableOf(index)}`];
}

/**
 * Source routing (ip-rule(8)): which table the packets of an address go by. This stays when the link goes down, so that its
 * packets are then held up instead of leaving by another link.
 */
export function ruleLines(topology: Topology, host: HostName, own: OwnEnd, family: 'ipv4' | 'ipv6'): string[] {
  const ends = endsOf(topology, host);
  if (host === 'router' || ends.length === 1) return [];
  const table = tableOf(ends.findIndex(({ link }) => link.name === own.link.name));
  return [
    ...own.end[family].map((address) => `rule add from ${withoutPrefix(address)} table ${table}`),
    `route add unreachable default metric ${UNREACHABLE_METRIC} table ${table}`,
  ];
}

/** Above that of a link's own route: 0 with IPv4, 1024 with IPv6, where none is given. */
const UNREACHABLE_METRIC = 2000;

function tableOf(index: number): number {
  return 100 + index;
}

/** What is to hold for each direction of a link. */
export type Shape = { rateKbit: number | null; delayMs: number | null };

/** tbf(8) for the rate; 32 kB let a 1000 Hz or 100 Hz kernel keep it. netem(8) beneath it for the delay. */
export function shapeLines(name: string, { rateKbit, delayMs }: Shape): string[] {
  if (rateKbit === null) return delayMs === null ? [] : [`qdisc add dev ${name} root netem ${delayText(delayMs)}`];
  const rate = `qdisc add dev ${name} root handle 1: tbf ${rateText(rateKbit)}`;
  return delayMs === null ? [rate] : [rate, `qdisc add dev ${name} parent 1:1 handle 10: netem ${delayText(delayMs)}`];
}

/** From one shape to another. A new rate keeps what waits in the queue; a queue of another kind begins empty. */
export function reshapeLines(name: string, from: Shape, to: Shape): string[] {
  const sameKinds = (from.rateKbit === null) === (to.rateKbit === null) && (from.delayMs === null) === (to.delayMs === null);
  if (!sameKinds) return [...(isShaped(from) ? [`qdisc del dev ${name} root`] : []), ...shapeLines(name, to)];
  const lines = [];
  if (to.rateKbit !== null && to.rateKbit !== from.rateKbit) {
    lines.push(`qdisc change dev ${name} root handle 1: tbf ${rateText(to.rateKbit)}`);
  }
  if (to.delayMs !== null && to.delayMs !== from.delayMs) {
    const place = to.rateKbit === null ? 'root' : 'parent 1:1 handle 10:';
    lines.push(`qdisc change dev ${name} ${place} netem ${delayText(to.delayMs)}`);
  }
  return lines;
}

function isShaped({ rateKbit, delayMs }: Shape): boolean {
  return rateKbit !== null || delayMs !== null;
}

function rateText(rateKbit: number): string {
  return `rate ${rateKbit % 1000 === 0 ? `${rateKbit / 1000}mbit` : `${rateKbit}kbit`} burst 32kb latency 50ms`;
}

function delayText(delayMs: number): string {
  return `delay ${delayMs}ms limit 1000`;
}
