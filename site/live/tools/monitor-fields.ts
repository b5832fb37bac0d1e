import type { SocketField } from '../../../protocol/ss-text.ts';

/** A line of `ip mptcp monitor`: `[SF_CLOSED] token=5f3a91c2 remid=0 ...`. What follows it without `=` has no value. */
export function readMonitorLine(line: string): { name: string; fields: SocketField[] } {
  const [, name = '', rest = ''] = /^\s*\[\s*([A-Z_]+)\s*\](.*)$/.exec(line) ?? [];
  const words = rest.split(/\s+/).filter((word) => word !== '');
  return {
    name,
    fields: words.map((word) => {
      const equals = word.indexOf('=');
      return equals === -1 ? { name: word, value: '' } : { name: word.slice(0, equals), value: word.slice(equals + 1) };
    }),
  };
}

export type EndpointLine = { address: string; id: string; port: string | null; device: string | null; flags: string[] };

/** Lines of `ip mptcp endpoint show`: `10.0.2.2 id 1 subflow dev cellular`, with `port 5005` in between at times. */
export function readEndpoints(text: string): EndpointLine[] {
  return text.split('\n').flatMap((line) => {
    const [address, ...words] = line.trim().split(/\s+/);
    if (address === undefined || address === '') return [];
    const after = (word: string) => (words.includes(word) ? (words[words.indexOf(word) + 1] ?? null) : null);
    const [id, port, device] = [after('id'), after('port'), after('dev')];
    const values = ['id', id, 'port', port, 'dev', device];
    return [{ address, id: id ?? '', port, device, flags: words.filter((word) => !values.includes(word)) }];
  });
}

/** `add_addr_accepted 1 subflows 2` */
export function readLimits(text: string): SocketField[] {
  const words = text.trim().split(/\s+/);
  return words.flatMap((name, index) => (index % 2 === 0 && name !== '' ? [{ name, value: words[index + 1] ?? '' }] : []));
}
