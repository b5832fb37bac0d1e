import { HOME_TOPOLOGY } from '../../../protocol/topology.ts';
import type { Click } from './learner.ts';

/** What is wrong with a click on a hello or a bulk transfer: nothing (`null`), or a sentence. Every byte is looked at. */
export function faultOf(snippet: string, { printed, ends, verdict }: Click): string | null {
  const { client, server } = snippet in BULK ? (BULK[snippet] ?? NOTHING) : helloOf(snippet);
  const seen = JSON.stringify({ printed, ends, verdict });
  if (ends.client.kind !== 'exit' || ends.client.code !== 0) return `${snippet}: the client did not end well: ${seen}`;
  if (ends.server.kind !== 'stopped' || ends.server.by !== 'client-ended')
    return `${snippet}: the server did not end well: ${seen}`;
  if (verdict !== 'multipath') return `${snippet}: no Multipath TCP: ${seen}`;
  if (!client.test(printed.client) || !server.test(printed.server)) return `${snippet}: output is missing or strange: ${seen}`;
  return null;
}

type Printed = { client: RegExp; server: RegExp };

const NOTHING: Printed = { client: /^$/, server: /^$/ };

const [wifi] = HOME_TOPOLOGY.links;
const ADDRESS = (wifi?.near.ipv4[0] ?? '').replace(/\/.*/, '').replaceAll('.', '\\.');
const LISTENING = 'listening on port 8262\\r\\n';

function helloOf(snippet: string): Printed {
  return {
    client: new RegExp(`^hello ${ADDRESS}, I am ${snippet}\\r\\n$`),
    server: new RegExp(`^${LISTENING}${ADDRESS} says: hello from ${snippet}\\r\\n$`),
  };
}

/** Both ends compare what arrived with what was sent. A server that is stopped when its client is done may not come to its last line. */
const BULK: Record<string, Printed> = {
  'bulk-c': {
    client: /^[\d.]+ MB in [\d.]+ s: [\d.]+ Mbit\/s\r\nFNV-1a is the same at both ends\r\n$/,
    server: new RegExp(
      `^${LISTENING}( *[\\d.]+ s: [\\d.]+ Mbit/s\\r\\n)+(${ADDRESS} sent \\d+ bytes, FNV-1a [0-9a-f]{16}\\r\\n)?$`,
    ),
  },
};
