import type { MptcpSocket } from '../../protocol/evidence.ts';
import { parseSs } from '../../protocol/ss-text.ts';

/** The connected sockets in the output of `ss -Mni`. */
export function parseSockets(text: string): MptcpSocket[] {
  return parseSs(text)
    .filter(({ remote }) => !Number.isNaN(remote.port))
    .map(({ local, remote, fields }) => {
      const values = new Map(fields.map(({ name, value }) => [name, value]));
      return {
        flow: {
          localAddress: local.address,
          localPort: local.port,
          remoteAddress: remote.address,
          remotePort: remote.port,
        },
        token: values.get('token')?.padStart(8, '0') ?? null,
        fallback: values.has('fallback'),
        subflowsTotal: Number(values.get('subflows_total') ?? 0),
      };
    });
}

/** `10.0.1.2:8262`, `10.0.2.2%cellular:8262`, `[fd00:1::2]%wifi:8262`, `[::ffff:10.0.1.2]:8262` */
export function endpointOf(text: string | undefined): { address: string; port: number } | null {
  const found = /^(.*):(\d+|\*)$/.exec(text ?? '');
  if (found === null) return null;
  const address = (found[1] ?? '').replace(/^\[|\]?(%.*)?$/g, '').replace(/^::ffff:(?=\d+\.)/, '');
  return { address, port: Number(found[2]) };
}
