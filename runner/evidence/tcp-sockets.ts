/** State 0A of /proc/net/tcp and /proc/net/tcp6 is TCP_LISTEN (include/net/tcp_states.h). */
const LISTEN = '0A';

/** Whether a socket listens on the port. A Multipath TCP listener shows here too, by its first subflow. */
export function listensOn(port: number, procNetTcp: string): boolean {
  const suffix = `:${port.toString(16).toUpperCase().padStart(4, '0')}`;
  return procNetTcp.split('\n').some((line) => {
    const [, local = '', , state] = line.trim().split(/\s+/);
    return state === LISTEN && local.endsWith(suffix);
  });
}

/** ESTABLISHED, SYN_SENT, FIN_WAIT1 and CLOSE_WAIT: something may still be sent. */
const CONNECTING = ['01', '02', '04', '08'];

/** Whether there is a connection, or one is being opened. Subflows show here, each as a TCP connection of its own. */
export function connects(procNetTcp: string): boolean {
  return procNetTcp.split('\n').some((line) => CONNECTING.includes(line.trim().split(/\s+/)[3] ?? ''));
}
