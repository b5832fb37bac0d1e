import type { EndpointFlag } from './condition.ts';
import type { EndpointNow, HostCommand } from './conditions.ts';
import type { Topology } from './topology.ts';

/** From some endpoints to others, by ip-mptcp(8): an endpoint that stays keeps its subflows. */
export function endpointCommands(from: EndpointNow[], to: EndpointNow[], topology: Topology): HostCommand[] {
  const deleted = from.filter((found) => !to.some((wanted) => isSame(wanted, found)));
  const added = to.filter((wanted) => !from.some((found) => isSame(wanted, found)));
  return [
    ...deleted.map(({ host, id }) => ({ host, line: `ip mptcp endpoint delete id ${id}` })),
    ...from.flatMap((found) => {
      const wanted = to.find((candidate) => isSame(candidate, found));
      const words = wanted === undefined ? [] : flagChanges(found.flags, wanted.flags);
      if (words.length === 0) return [];
      return [{ host: found.host, line: `ip mptcp endpoint change id ${found.id} ${words.join(' ')}` }];
    }),
    ...added.map((wanted) => ({ host: wanted.host, line: endpointAdd(wanted, topology) })),
  ];
}

/** Whether it is the same endpoint, but for flags that can be changed. */
function isSame(a: EndpointNow, b: EndpointNow): boolean {
  const fixed = ({ host, id, address, port, link, flags }: EndpointNow) =>
    JSON.stringify([host, id, address, port, link, flags.includes('signal'), flags.includes('subflow')]);
  return fixed(a) === fixed(b);
}

const CHANGEABLE: EndpointFlag[] = ['backup', 'fullmesh'];

function flagChanges(from: EndpointFlag[], to: EndpointFlag[]): string[] {
  return CHANGEABLE.filter((flag) => from.includes(flag) !== to.includes(flag)).map((flag) =>
    to.includes(flag) ? flag : `no${flag}`,
  );
}

/** Without `dev` the kernel picks the route by destination alone, and the subflow may leave by the wrong link. */
function endpointAdd({ host, id, address, port, link, flags }: EndpointNow, topology: Topology): string {
  const ends = topology.links.filter(({ name }) => name === link).flatMap(({ near, far }) => [near, far]);
  const device = ends.find((end) => end.host === host)?.interface;
  return [
    `ip mptcp endpoint add ${address}`,
    ...(device === undefined ? [] : [`dev ${device}`]),
    ...(id === null ? [] : [`id ${id}`]),
    ...flags,
    ...(port === null ? [] : [`port ${port}`]),
  ].join(' ');
}
