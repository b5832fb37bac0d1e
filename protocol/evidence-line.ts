import type { Flow } from './evidence.ts';
import { RUN_HOSTS, type RunHost } from './manifest.ts';

/** A piece of evidence that decided a verdict. `says` is what it means there, one sentence. */
export type EvidenceLine = { says: string } & Observation;

/** What was observed, by the kernel's own names. An `after` that is its `before` is a counter that stood still. */
export type Observation =
  | { kind: 'counter'; host: RunHost; group: CounterGroup; name: string; before: number; after: number }
  /** None of these moved, on neither host. */
  | { kind: 'still'; group: CounterGroup; names: string[] }
  /** A connected Multipath TCP socket of the client, with or without the kernel's mark `fallback` (ss(8)). */
  | { kind: 'socket'; flow: Flow; token: string | null; fallback: boolean }
  /** Ports on which the server had Multipath TCP listeners; with none, that there was no such socket. */
  | { kind: 'listeners'; ports: number[] }
  | { kind: 'setting'; host: RunHost; name: 'net.mptcp.enabled'; value: 0 | 1 }
  /** An event of the client's kernel, by its name in `ip mptcp monitor` (ip-mptcp(8)). */
  | {
      kind: 'event';
      name: 'SF_ESTABLISHED' | 'SF_CLOSED';
      token: string;
      flow: Flow;
      error: number | null;
      resetReason: number | null;
    };

/** The groups of /proc/net/netstat and /proc/net/snmp; nstat(8) puts them before a counter's name. */
export type CounterGroup = 'MPTcpExt' | 'Tcp';

/** Where a learner sees the same on a machine of their own. */
export type Look = { hosts: readonly RunHost[]; command: string };

export function whereToLook(line: Observation): Look {
  switch (line.kind) {
    case 'counter':
      return { hosts: [line.host], command: `nstat -az ${line.group}${line.name}` };
    case 'still':
      return { hosts: RUN_HOSTS, command: `nstat -az ${line.names.map((name) => line.group + name).join(' ')}` };
    case 'socket':
      return { hosts: ['client'], command: 'ss -Mni' };
    case 'listeners':
      return { hosts: ['server'], command: 'ss -Mln' };
    case 'setting':
      return { hosts: [line.host], command: `sysctl ${line.name}` };
    case 'event':
      return { hosts: ['client'], command: 'ip mptcp monitor' };
  }
}

/** The packet that a line tells of, with or without a Multipath TCP option (RFC 8684, section 3). */
export type PacketMark = { packet: string; option: string; isThere: boolean };

/** `null` for what no packet shows. A counter that stood still tells of a packet that was not seen. */
export function packetOf(line: Observation): PacketMark | null {
  if (line.kind !== 'counter') return null;
  const mark = PACKETS[line.name];
  return mark === undefined || line.after === line.before ? null : mark;
}

const PACKETS: Record<string, PacketMark> = {
  MPCapableSYNTX: { packet: 'SYN', option: 'MP_CAPABLE', isThere: true },
  MPCapableSYNRX: { packet: 'SYN', option: 'MP_CAPABLE', isThere: true },
  MPCapableSYNACKRX: { packet: 'SYN+ACK', option: 'MP_CAPABLE', isThere: true },
  MPCapableACKRX: { packet: 'third packet', option: 'MP_CAPABLE', isThere: true },
  MPCapableFallbackSYNACK: { packet: 'SYN+ACK', option: 'MP_CAPABLE', isThere: false },
  MPCapableFallbackACK: { packet: 'third packet', option: 'MP_CAPABLE', isThere: false },
  MPCapableSYNTXDrop: { packet: 'SYN sent again', option: 'MP_CAPABLE', isThere: false },
  MPCapableSYNTXDisabled: { packet: 'SYN', option: 'MP_CAPABLE', isThere: false },
  MPCapableDataFallback: { packet: 'first data', option: 'DSS', isThere: false },
  DssFallback: { packet: 'data', option: 'DSS', isThere: false },
  MPJoinSynTx: { packet: 'SYN', option: 'MP_JOIN', isThere: true },
};

/** In few words: "client MPCapableSYNTX 0 → 1", "server MPCapableSYNRX still 0", "server: no listener". */
export function observed(line: Observation): string {
  switch (line.kind) {
    case 'counter':
      return `${line.host} ${line.name} ${line.after === line.before ? `still ${line.after}` : `${line.before} → ${line.after}`}`;
    case 'still':
      return `${RUN_HOSTS.join(', ')}: ${line.names.join(', ')} stood still`;
    case 'socket':
      return `client ${endpoint(line.flow.localAddress, line.flow.localPort)} ${line.fallback ? 'fallback' : 'no fallback'}`;
    case 'listeners':
      return line.ports.length === 0 ? 'server: no listener' : `server: port ${line.ports.join(', ')}`;
    case 'setting':
      return `${line.host} ${line.name} = ${line.value}`;
    case 'event': {
      const error = line.error === null ? '' : ` error=${line.error}`;
      const reason = line.resetReason === null ? '' : ` reset_reason=${line.resetReason}`;
      return `client ${line.name} ${endpoint(line.flow.localAddress, line.flow.localPort)}${error}${reason}`;
    }
  }
}

function endpoint(address: string, port: number): string {
  return address.includes(':') ? `[${address}]:${port}` : `${address}:${port}`;
}
