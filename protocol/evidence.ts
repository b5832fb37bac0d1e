import type { RunHost } from './manifest.ts';
import type { LinkName } from './topology.ts';

/** An event of the kernel's `mptcp_pm` netlink family (include/uapi/linux/mptcp_pm.h), as `ip mptcp monitor` prints it. */
export type MptcpEvent =
  | { kind: 'created' | 'established'; token: string; flow: Flow }
  | { kind: 'closed'; token: string }
  | { kind: 'subflow-established' | 'subflow-priority'; token: string; flow: Flow; backup: boolean }
  | { kind: 'subflow-closed'; token: string; flow: Flow; backup: boolean; error: number; resetReason: number | null }
  | { kind: 'announced'; token: string; addressId: number; address: string; port: number | null }
  | { kind: 'removed'; token: string; addressId: number }
  | { kind: 'listener-created' | 'listener-closed'; address: string; port: number }
  /** One that this project does not know, of a newer kernel perhaps, by its name in capitals. */
  | { kind: 'other'; name: string };

/** The four values of a TCP flow as that host sees them. Addresses in text form, ports as numbers. */
export type Flow = { localAddress: string; localPort: number; remoteAddress: string; remotePort: number };

/** One TCP flow inside a connection. */
export type Subflow = {
  flow: Flow;
  link: LinkName | null;
  /** `initial` carried MP_CAPABLE, the others were joined with MP_JOIN (RFC 8684, sections 3.1 and 3.2). */
  role: 'initial' | 'joined';
  backup: boolean;
  state: 'established' | 'closed';
  /** How it was closed: an error of errno(3), e.g. 104 for a reset, and the reason in MP_TCPRST (RFC 8684, section 3.6). */
  error: number | null;
  resetReason: number | null;
};

/** A Multipath TCP connection, told apart by its token (RFC 8684, section 3.1), e.g. `5f3a91c2`. */
export type Connection = { token: string; subflows: Subflow[]; closed: boolean };

/** A connected Multipath TCP socket of the client, as `ss --mptcp --info` shows it (ss(8)). */
export type MptcpSocket = {
  flow: Flow;
  /** As in `Connection`. */
  token: string | null;
  /** The kernel's mark for a connection that goes on as plain TCP; ESTAB says nothing about it. */
  fallback: boolean;
  subflowsTotal: number;
};

/** A TCP flow of the client as the kernel lists it now (`ss --tcp --info`, ss(8)); what is closed is in no list. */
export type FlowNow = {
  flow: Flow;
  /** Of the connection whose subflow it is, as in `Connection`; `null` for plain TCP, and after a fallback to it. */
  token: string | null;
  /** Its SYN has had no answer yet. */
  joining: boolean;
  /** One of the hosts has asked to use it only where no other subflow can be used (RFC 8684, section 3.3.8). */
  backup: boolean;
  /** Its sender, client or server, has given up on it for now (see runner/evidence/stale.ts). */
  stale: boolean;
  /** Of data that the other end has acknowledged. */
  sentBytes: number;
  receivedBytes: number;
};

/** What one host's kernel counted; in `Evidence`, since the client program was started. Names are the kernel's own, zeroes left out. */
export type HostCounters = {
  /** The MPTcpExt line of /proc/net/netstat. */
  mptcp: Record<string, number>;
  /** The Tcp line of /proc/net/snmp. */
  tcp: Record<string, number>;
};

/** Bytes with all headers that crossed the client's end of a link (/proc/net/dev). */
export type LinkBytes = { sentBytes: number; receivedBytes: number };

/** What the kernel reported about one client run. No line of it comes from the program. */
export type Evidence = {
  kernel: string;
  counters: Record<RunHost, HostCounters>;
  /** What stood there when the client program was started, zeroes left out. */
  countersBefore: Record<RunHost, HostCounters>;
  links: Partial<Record<LinkName, LinkBytes>>;
  /** In the order in which they were made; of many, the open and the latest ones. The counters tell how many there were. */
  connections: Connection[];
  /** The client's sockets at the last look that found any; a connection that lived for milliseconds is in none. */
  sockets: MptcpSocket[];
  /** Ports on which a program of the server host had a Multipath TCP listener while the client ran. */
  mptcpListenPorts: number[];
  /** `net.mptcp.enabled` of each host; false when it was switched off at any time of the run. */
  mptcpEnabled: Record<RunHost, boolean>;
};
