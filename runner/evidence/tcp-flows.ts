import type { Flow } from '../../protocol/evidence.ts';
import { endpointOf } from './sockets.ts';

/** One line a connected socket, subflows of Multipath TCP among them, numbers as numbers (ss(8)). */
export const LIST_TCP_FLOWS = 'ss --tcp --numeric --info --no-header --oneline';

/** A TCP flow of one host, as its own kernel lists it. */
export type TcpFlow = {
  flow: Flow;
  /** As in `FlowNow`. */
  token: string | null;
  joining: boolean;
  backup: boolean;
  /** In the send queue: not sent yet, or not acknowledged. */
  waitingBytes: number;
  /** Since the other end acknowledged something. */
  unansweredMs: number;
  ackedBytes: number;
  receivedBytes: number;
};

/** The output of LIST_TCP_FLOWS. Lines that are no flow are left out. */
export function parseTcpFlows(text: string): TcpFlow[] {
  return text.split('\n').flatMap((line) => {
    const [state, , sendQueue, local, remote, ...words] = line.trim().split(/\s+/);
    const [from, to] = [endpointOf(local), endpointOf(remote)];
    if (state === undefined || from === null || to === null || Number.isNaN(to.port)) return [];
    const value = (name: string) => words.find((word) => word.startsWith(`${name}:`))?.slice(name.length + 1);
    const flags = value('flags') ?? '';
    return [
      {
        flow: { localAddress: from.address, localPort: from.port, remoteAddress: to.address, remotePort: to.port },
        token: AGREED.test(flags) ? tokenOf(value('token')) : null,
        joining: state === 'SYN-SENT',
        backup: BACKUP.test(flags),
        waitingBytes: Number(sendQueue),
        unansweredMs: Number(value('lastack') ?? 0),
        ackedBytes: Number(value('bytes_acked') ?? 0),
        receivedBytes: Number(value('bytes_received') ?? 0),
      },
    ];
  });
}

/**
 * Marks of `tcp-ulp-mptcp flags:` (mptcp_subflow_get_info in net/mptcp/diag.c): M and J, the other end took part in MP_CAPABLE or
 * MP_JOIN; j, this end wants to join. A small m alone is a subflow that asked in vain, or has fallen back.
 */
const AGREED = /[MJj]/;
/** B: the other end wants it as a backup; b: this end does. */
const BACKUP = /[Bb]/;

/** `114527b5(id:0)/cad1baa(id:1)`: the other end's token, then this end's, without leading zeros. */
function tokenOf(text: string | undefined): string | null {
  return /\/([0-9a-f]+)\(/.exec(text ?? '')?.[1]?.padStart(8, '0') ?? null;
}
