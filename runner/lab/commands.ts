import { addressLines, endsOf, macOf, neighbourLines, routeLines, ruleLines, shapeLines } from '../../protocol/link-commands.ts';
import type { HostName, Link, LinkEnd, LinkName, Topology } from '../../protocol/topology.ts';

/** One program's batch on one host. `lines` go to the tool's standard input. */
export type Batch = { host: HostName | 'lab'; tool: 'ip' | 'ip -6' | 'tc' | 'sysctl'; lines: string[] };

/**
 * The commands that make a topology, in the order in which they must be given: ip(8), tc(8), sysctl(8).
 * Pure: what a learner reads on the page is what is executed.
 *
 * @param netem whether the kernel has it; without it, links keep their rate and have no delay.
 */
export function topologyCommands(topology: Topology, netem: boolean): Batch[] {
  const hosts = topology.hosts.map((host) => host.name);
  const batches: Batch[] = [
    { host: 'lab', tool: 'ip', lines: hosts.map((host) => `netns add ${host}`) },
    ...hosts.map((host): Batch => ({ host, tool: 'sysctl', lines: sysctls(host) })),
    { host: 'router', tool: 'ip', lines: topology.links.map((link, position) => vethOfRouter(topology, link, position)) },
    ...hosts.map((host): Batch => ({ host, tool: 'ip', lines: addresses(topology, host) })),
    ...hosts.map((host): Batch => ({ host, tool: 'ip', lines: routes(topology, host, 'ipv4') })),
    ...hosts.map((host): Batch => ({ host, tool: 'ip -6', lines: routes(topology, host, 'ipv6') })),
    ...hosts.map((host): Batch => ({ host, tool: 'tc', lines: shaping(topology, host, netem) })),
    ...hosts.map((host): Batch => ({ host, tool: 'ip', lines: pathManager(topology, host) })),
  ];
  return batches.filter((batch) => batch.lines.length > 0);
}

/** Batches as one script for sh(1); the same text is shown to the learner. */
export function toScript(batches: Batch[]): string {
  return batches.map((batch) => `${invocation(batch)} <<'END'\n${batch.lines.join('\n')}\nEND\n`).join('\n');
}

/** `ip -n` would mount a sysfs of its own, which an unprivileged lab may not do: enter with nsenter(1) instead. */
export function inHost(host: HostName): string {
  return `nsenter --net=/run/netns/${host}`;
}

const TOOLS: Record<Batch['tool'], string> = {
  ip: 'ip -batch -',
  'ip -6': 'ip -6 -batch -',
  tc: 'tc -batch -',
  sysctl: 'sysctl --quiet --load=-',
};

function invocation({ host, tool }: Batch): string {
  return host === 'lab' ? TOOLS[tool] : `${inHost(host)} ${TOOLS[tool]}`;
}

/**
 * A fresh network namespace inherits some values from the machine (ip-sysctl, mptcp-sysctl in the kernel's
 * documentation), so every value that the lab relies on is set.
 */
function sysctls(host: HostName): string[] {
  const everywhere = [
    // Addresses are usable at once: nobody else is on these links.
    'net.ipv6.conf.all.accept_dad = 0',
    'net.ipv6.conf.default.accept_dad = 0',
    'net.ipv6.conf.default.accept_ra = 0',
    // Bytes on a link shall be those of the programs.
    'net.ipv6.conf.default.router_solicitations = 0',
    // Groups are reported twice, this many ms apart and not a second: before the first program runs (RFC 3810, 9.11).
    'net.ipv6.conf.default.mldv2_unsolicited_report_interval = 1',
    // Strict filtering would drop the replies of a second subflow.
    'net.ipv4.conf.all.rp_filter = 0',
    'net.ipv4.conf.default.rp_filter = 0',
  ];
  if (host === 'router') return [...everywhere, 'net.ipv4.ip_forward = 1', 'net.ipv6.conf.all.forwarding = 1'];
  return [
    ...everywhere,
    'net.ipv4.ip_forward = 0',
    'net.ipv6.conf.all.forwarding = 0',
    // A learner's program has no capability, and may listen on port 80 all the same.
    'net.ipv4.ip_unprivileged_port_start = 0',
    // One run must not teach the next one about the path.
    'net.ipv4.tcp_no_metrics_save = 1',
    // The one that every lab may set, whatever the machine's own is. BBR takes the first burst of tbf for the rate of the
    // link, keeps its queue full, and sends a quarter of all segments twice.
    'net.ipv4.tcp_congestion_control = reno',
    // Bounds the memory that queued data of one lab can take.
    'net.ipv4.tcp_rmem = 4096 131072 4194304',
    'net.ipv4.tcp_wmem = 4096 131072 4194304',
    'net.mptcp.enabled = 1',
    'net.mptcp.checksum_enabled = 0',
    'net.mptcp.allow_join_initial_addr_port = 1',
  ];
}

/**
 * All cables end at the router, so it makes them and hands the other end over. Its interfaces are numbered from 11:
 * where both ends have the same number, the kernel takes up to a second to notice the carrier (net/core/link_watch.c).
 */
function vethOfRouter(topology: Topology, { near, far }: Link, position: number): string {
  const [own, other] = near.host === 'router' ? [near, far] : [far, near];
  const ownEnd = `${own.interface} index ${11 + position} address ${macOf(topology, own)}`;
  return `link add ${ownEnd} type veth peer name ${other.interface} address ${macOf(topology, other)} netns ${other.host}`;
}

function addresses(topology: Topology, host: HostName): string[] {
  return [
    'link set lo up',
    ...endsOf(topology, host).flatMap((own) => [
      ...addressLines(own.end, 'ipv4'),
      ...addressLines(own.end, 'ipv6'),
      `link set ${own.end.interface} up`,
      ...neighbourLines(topology, own),
    ]),
  ];
}

function routes(topology: Topology, host: HostName, family: 'ipv4' | 'ipv6'): string[] {
  return endsOf(topology, host).flatMap((own) => [
    ...routeLines(topology, host, own, family),
    ...ruleLines(topology, host, own, family),
  ]);
}

function shaping(topology: Topology, host: HostName, netem: boolean): string[] {
  return endsOf(topology, host).flatMap(({ end, link: { rateMbit, delayMs } }) =>
    shapeLines(end.interface, { rateKbit: rateMbit === null ? null : rateMbit * 1000, delayMs: netem ? delayMs : null }),
  );
}

/** ip-mptcp(8). Without `dev` the kernel picks the route by destination alone, and the subflow may leave by the wrong link. */
function pathManager(topology: Topology, host: HostName): string[] {
  return [
    ...topology.limits
      .filter((limits) => limits.host === host)
      .map((limits) => `mptcp limits set subflows ${limits.subflows} add_addr_accepted ${limits.addAddrAccepted}`),
    ...topology.endpoints
      .filter((endpoint) => endpoint.host === host)
      .map((endpoint) => {
        const end = endOf(topology, host, endpoint.link);
        return `mptcp endpoint add ${endpoint.address} dev ${end.interface} ${endpoint.flags.join(' ')}`;
      }),
  ];
}

function endOf(topology: Topology, host: HostName, name: LinkName): LinkEnd {
  const found = endsOf(topology, host).find(({ link }) => link.name === name);
  if (found === undefined) throw new Error(`Topology: expected link ${name} on ${host}, found none`);
  return found.end;
}
