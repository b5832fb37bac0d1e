/** A socket as ss(8) prints it with `--info`. What has no value, such as `fallback`, has an empty one. */
export type SocketText = {
  state: string;
  /** Bytes that the program has not read, and bytes that the peer has not acknowledged. */
  receiveQueue: number;
  sendQueue: number;
  local: SocketEnd;
  remote: SocketEnd;
  fields: SocketField[];
};

/** `interface` where the socket is bound to one: `10.0.2.2%cellular:37439`. The port is NaN for `*`. */
export type SocketEnd = { address: string; interface: string | null; port: number };

export type SocketField = { name: string; value: string };

/** The output of `ss -Mni` or `ss -tni`, with one line a socket or two. A line that is no socket, such as the head, is left out. */
export function parseSs(text: string): SocketText[] {
  // The second line of a socket is indented.
  const lines = text.replaceAll(/\n[ \t]+/g, ' ').split('\n');
  return lines.flatMap((line) => {
    const [state = '', receiveQueue = '', sendQueue = '', from = '', to = '', ...words] = line.trim().split(/\s+/);
    const [local, remote] = [endOf(from), endOf(to)];
    if (local === null || remote === null) return [];
    return [{ state, receiveQueue: Number(receiveQueue), sendQueue: Number(sendQueue), local, remote, fields: fieldsOf(words) }];
  });
}

/** These have their value behind a space; all others have it behind a colon. */
const SPACED = ['send', 'pacing_rate', 'delivery_rate', 'max_pacing_rate'];

function fieldsOf(words: string[]): SocketField[] {
  const fields: SocketField[] = [];
  let spaced: string | null = null;
  for (const word of words) {
    const colon = word.indexOf(':');
    if (spaced !== null) fields.push({ name: spaced, value: word });
    else if (!SPACED.includes(word)) {
      fields.push(colon === -1 ? { name: word, value: '' } : { name: word.slice(0, colon), value: word.slice(colon + 1) });
    }
    spaced = spaced === null && SPACED.includes(word) ? word : null;
  }
  return fields;
}

/** `10.0.1.2:8262`, `[fd00:1::2]:8262`, `10.0.2.2%cellular:8262`, `*:*`; an IPv4 peer of an IPv6 socket is the same address. */
function endOf(text: string): SocketEnd | null {
  const found = /^(.*):(\d+|\*)$/.exec(text);
  if (found === null) return null;
  const [address = '', device = null] = (found[1] ?? '').replaceAll(/[[\]]/g, '').split('%');
  return { address: address.replace(/^::ffff:(?=\d+\.)/, ''), interface: device, port: Number(found[2]) };
}
