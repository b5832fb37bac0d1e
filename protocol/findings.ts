import type { Connection, Evidence } from './evidence.ts';
import type { CounterGroup, EvidenceLine } from './evidence-line.ts';
import type { RunHost } from './manifest.ts';

/** The evidence of a run, to be asked by name: for amounts, and for the lines that tell of them. */
export type Findings = {
  /** By how much a counter moved. */
  mptcp(host: RunHost, name: string): number;
  tcpMoved(host: RunHost, name: string): number;
  /** Its line, whether it moved or not. */
  counter(host: RunHost, name: string, says: string): EvidenceLine;
  tcp(host: RunHost, name: string, says: string): EvidenceLine;
  /** Its line, only if it moved. */
  moved(host: RunHost, name: string, says: string): EvidenceLine[];
  movedTcp(host: RunHost, name: string, says: string): EvidenceLine[];
  still(names: string[], says: string): EvidenceLine;
  listeners(says: string): EvidenceLine;
  setting(host: RunHost, says: string): EvidenceLine;
  /** Lines of the client's sockets; those for which nothing is to be said have none. */
  sockets(says: (fallback: boolean) => string | null): EvidenceLine[];
  joined(says: string): EvidenceLine[];
  broken(says: (interfered: boolean) => string): EvidenceLine[];
};

/** A program may open thousands of sockets: as many lines of one kind make the point. */
export const MAX_LINES_OF_A_KIND = 3;

export function findingsIn(evidence: Evidence): Findings {
  const { counters, countersBefore } = evidence;
  const movedBy = (host: RunHost, group: CounterGroup, name: string) => counters[host][GROUPS[group]][name] ?? 0;
  const line = (host: RunHost, group: CounterGroup, name: string, says: string): EvidenceLine => {
    const before = countersBefore[host][GROUPS[group]][name] ?? 0;
    return { says, kind: 'counter', host, group, name, before, after: before + movedBy(host, group, name) };
  };
  const lineIfMoved = (host: RunHost, group: CounterGroup, name: string, says: string) =>
    movedBy(host, group, name) === 0 ? [] : [line(host, group, name, says)];
  const few = (lines: EvidenceLine[]) => lines.slice(0, MAX_LINES_OF_A_KIND);

  return {
    mptcp: (host, name) => movedBy(host, 'MPTcpExt', name),
    tcpMoved: (host, name) => movedBy(host, 'Tcp', name),
    counter: (host, name, says) => line(host, 'MPTcpExt', name, says),
    tcp: (host, name, says) => line(host, 'Tcp', name, says),
    moved: (host, name, says) => lineIfMoved(host, 'MPTcpExt', name, says),
    movedTcp: (host, name, says) => lineIfMoved(host, 'Tcp', name, says),
    still: (names, says) => ({ says, kind: 'still', group: 'MPTcpExt', names }),
    listeners: (says) => ({ says, kind: 'listeners', ports: evidence.mptcpListenPorts }),
    setting: (host, says) => ({
      says,
      kind: 'setting',
      host,
      name: 'net.mptcp.enabled',
      value: evidence.mptcpEnabled[host] ? 1 : 0,
    }),
    sockets: (says) =>
      few(
        evidence.sockets.flatMap(({ flow, token, fallback }) => {
          const sentence = says(fallback);
          return sentence === null ? [] : [{ says: sentence, kind: 'socket', flow, token, fallback }];
        }),
      ),
    joined: (says) =>
      few(
        evidence.connections.flatMap(({ token, subflows }) =>
          subflows
            .filter(({ role }) => role === 'joined')
            .map(({ flow }) => ({ says, kind: 'event', name: 'SF_ESTABLISHED', token, flow, error: null, resetReason: null })),
        ),
      ),
    broken: (says) =>
      few(
        evidence.connections.filter(isBroken).flatMap(({ token, subflows }) =>
          subflows.map(({ flow, error, resetReason }) => {
            const interfered = resetReason === MIDDLEBOX_INTERFERENCE;
            return { says: says(interfered), kind: 'event', name: 'SF_CLOSED', token, flow, error, resetReason };
          }),
        ),
      ),
  };
}

const GROUPS = { MPTcpExt: 'mptcp', Tcp: 'tcp' } as const satisfies Record<CounterGroup, string>;

/** ECONNRESET (errno(3)), and the reason "Middlebox interference" (RFC 8684, section 3.6). */
const RESET = 104;
export const MIDDLEBOX_INTERFERENCE = 6;

/** With several subflows there is no fallback: one that loses its options is reset (RFC 8684, section 3.7). */
export function isBroken({ subflows }: Connection): boolean {
  return subflows.length > 0 && subflows.every(({ error }) => error === RESET);
}
