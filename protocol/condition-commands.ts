import type { Condition } from './condition.ts';
import type { Conditions, HostCommand, LinkConditions } from './conditions.ts';
import { endpointCommands } from './endpoint-commands.ts';
import { addressLines, reshapeLines, routeLines } from './link-commands.ts';
import { routerTables, tableCommands } from './router-tables.ts';
import type { Link, Topology } from './topology.ts';
import { wantedConditions } from './wanted-conditions.ts';

/**
 * The commands that bring a condition about, for a learner to copy and for the lab to execute. None where the condition
 * holds already, or is refused.
 */
export function conditionCommands(condition: Condition, present: Conditions, topology: Topology): HostCommand[] {
  const result = wantedConditions(present, condition, topology);
  if ('fault' in result) return [];
  const commands = commandsBetween(present, result.wanted, topology);
  return condition.kind === 'reset' ? [...commands, FORGET_BLACKHOLE] : commands;
}

/** The commands from one state of a lab to another, in the order in which they must be given. */
export function commandsBetween(from: Conditions, to: Conditions, topology: Topology): HostCommand[] {
  return [
    ...topology.links.flatMap((link) => {
      const [before, after] = [from, to].map(({ links }) => links.find((found) => found.link === link.name));
      return before === undefined || after === undefined ? [] : linkCommands(link, before, after, topology);
    }),
    ...tableCommands(routerTables(from, topology), routerTables(to, topology)),
    ...(['client', 'server'] as const)
      .filter((host) => from.mptcpEnabled[host] !== to.mptcpEnabled[host])
      .map((host) => ({ host, line: `sysctl -w net.mptcp.enabled=${to.mptcpEnabled[host] ? 1 : 0}` })),
    ...to.limits.flatMap(({ host, subflows, addAddrAccepted }): HostCommand[] => {
      const before = from.limits.find((limits) => limits.host === host);
      if (before?.subflows === subflows && before.addAddrAccepted === addAddrAccepted) return [];
      return [{ host, line: `ip mptcp limits set subflows ${subflows} add_addr_accepted ${addAddrAccepted}` }];
    }),
    ...endpointCommands(from.endpoints, to.endpoints, topology),
  ];
}

/** Setting the value makes the kernel forget (mptcp-sysctl); an older kernel has neither the value nor the memory. */
const FORGET_BLACKHOLE: HostCommand = { host: 'client', line: 'sysctl --ignore -w net.mptcp.blackhole_timeout=3600' };

function linkCommands(link: Link, from: LinkConditions, to: LinkConditions, topology: Topology): HostCommand[] {
  const { near, far } = link;
  const toggled = from.near.adminUp !== to.near.adminUp;
  const upDown = to.near.adminUp ? upLines(link, topology) : [`ip link set ${near.interface} down`];
  return [
    ...(toggled ? upDown : []).map((line) => ({ host: near.host, line })),
    ...[near, far].flatMap((end) =>
      reshapeLines(end.interface, from, to).map((line) => ({ host: end.host, line: `tc ${line}` })),
    ),
  ];
}

/** With a link go its routes and its IPv6 addresses. A network manager brings them back, or these commands. */
function upLines(link: Link, topology: Topology): string[] {
  const { near, far } = link;
  const own = { link, end: near, other: far };
  return [
    `ip link set ${near.interface} up`,
    ...routeLines(topology, near.host, own, 'ipv4').map((line) => `ip ${line}`),
    ...addressLines(near, 'ipv6').map((line) => `ip ${line}`),
    ...routeLines(topology, near.host, own, 'ipv6').map((line) => `ip -6 ${line}`),
  ];
}
