import type { MptcpSocket } from '../../protocol/evidence.ts';

/** One line a socket, IPv6 addresses in brackets, numbers as numbers (ss(8)). */
export const LIST_SOCKETS = 'ss --mptcp --numeric --info --no-header --oneline';

/** The output of LIST_SOCKETS. Lines that are no connected socket are left out. */
export function parseSockets(text: string): MptcpSocket[] {
  return text.split('\n').flatMap((line) => {
    const [state, , , local, remote, ...words] = line.trim().split(/\s+/);
    const [from, to] = [endpointOf(local), endpointOf(remote)];
    if (state === undefined || from === null || to === null || Number.isNaN(to.port)) return [];
    const values = new Map(words.map((word) => nameAndValue(word)));
    return [
      {
        flow: { localAddress: from.address, localPort: from.port, remoteAddress: to.address, remotePort: to.port },
        token: values.get('token')?.padStart(8, '0') ?? null,
        fallback: values.has('fallback'),
        subflowsTotal: Number(values.get('subflows_total') ?? 0),
      },
    ];
  });
}

/** `token:2b44fb5a`, or a mark alone, such as `fallback`. */
function nameAndValue(word: string): [string, string] {
  const [name = '', value = ''] = word.split(':');
  return [name, value];
}

/** `10.0.1.2:8262`, `10.0.2.2%cellular:8262`, `[fd00:1::2]%wifi:8262`, `[::ffff:10.0.1.2]:8262` */
export function endpointOf(text: string | undefined): { address: string; port: number } | null {
  const found = /^(.*):(\d+|\*)$/.exec(text ?? '');
  if (found === null) return null;
  const address = (found[1] ?? '').replace(/^\[|\]?(%.*)?$/g, '').replace(/^::ffff:(?=\d+\.)/, '');
  return { address, port: Number(found[2]) };
}
