import { parseCounters } from './counters.ts';

/** States of /proc/net/tcp and /proc/net/tcp6 (include/net/tcp_states.h). */
const LISTEN = '0A';
/** SYN_SENT, ESTABLISHED and CLOSE_WAIT. */
const OPEN = ['02', '01', '08'];
const FIN_WAIT_1 = '04';

/** A host's TCP sockets. Subflows of Multipath TCP are among them, each as a TCP connection of its own, and so is a listener. */
export type TcpSockets = {
  /** Whether there is a connection, or one is being opened. */
  connects(): boolean;
  /** A Multipath TCP listener shows here too, by its first subflow. */
  listensOn(port: number): boolean;
};

/** The texts of a host's files in /proc/net, as they are now. */
export type TcpFiles = Record<'sockstat' | 'sockstat6' | 'snmp' | 'tcp' | 'tcp6', () => string>;

/**
 * So long a list of sockets stands for their number. For a list the kernel walks through the table of all network namespaces:
 * 5 ms for each of the two files where the table has 262,144 places, and the number alone costs 3 µs.
 */
const LIST_STANDS_MS = 100;

export function openTcpSockets(files: TcpFiles): TcpSockets {
  let listed = { count: 0, atMs: 0, sockets: [] as Socket[] };
  const sockets = (): Socket[] => {
    const count = inUse(files.sockstat(), 'TCP') + inUse(files.sockstat6(), 'TCP6');
    if (count === 0) return [];
    const now = performance.now();
    if (count !== listed.count || now > listed.atMs + LIST_STANDS_MS) {
      listed = { count, atMs: now, sockets: [...parseSockets(files.tcp()), ...parseSockets(files.tcp6())] };
    }
    return listed.sockets;
  };
  return {
    connects() {
      // ESTABLISHED and CLOSE-WAIT (RFC 4022). For the states before and after them there is but the list.
      if ((parseCounters(files.snmp(), 'Tcp')['CurrEstab'] ?? 0) > 0) return true;
      return sockets().some(mayCarry);
    },
    listensOn: (port) => sockets().some((socket) => socket.state === LISTEN && socket.port === port),
  };
}

/** `TCP: inuse 3 orphan 0 …` of /proc/net/sockstat and `TCP6: inuse 1` of sockstat6 (net/ipv4/proc.c): of this namespace. */
function inUse(sockstat: string, protocol: 'TCP' | 'TCP6'): number {
  return Number(new RegExp(`^${protocol}: inuse (\\d+)`, 'm').exec(sockstat)?.[1] ?? 0);
}

/** `unacknowledged` counts bytes that were written, and the FIN as one (net/ipv4/tcp_ipv4.c, tx_queue). */
type Socket = { state: string; port: number; unacknowledged: number };

/** A program that has ended may leave data to its kernel. A FIN alone carries none, however long its answer takes. */
function mayCarry({ state, unacknowledged }: Socket): boolean {
  return OPEN.includes(state) || (state === FIN_WAIT_1 && unacknowledged > 1);
}

function parseSockets(procNetTcp: string): Socket[] {
  const [, ...lines] = procNetTcp.trim().split('\n');
  return lines.map((line) => {
    const [, local = '', , state = '', queues = ''] = line.trim().split(/\s+/);
    const hex = (text = '') => Number.parseInt(text, 16);
    return { state, port: hex(local.split(':')[1]), unacknowledged: hex(queues.split(':')[0]) };
  });
}
