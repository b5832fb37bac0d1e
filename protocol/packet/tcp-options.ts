import { fault, hexOf, type Notes, note, type Part, partOf } from './field.ts';
import type { MptcpOption } from './mptcp-option.ts';
import { decodeMptcpOption } from './mptcp-subtypes.ts';
import type { TcpFlags } from './tcp.ts';

/** An option of the TCP header by its kind (IANA, TCP parameters). `from` and `to` are byte offsets in the packet. */
export type TcpOption = { kind: number; name: string; from: number; to: number };

export const MPTCP_KIND = 30;
const END = 0;
const NO_OPERATION = 1;

type Known = { name: string; section: string; lengths: number[] | 'any'; meaning: string; value(part: Part): string };

const KNOWN: Record<number, Known> = {
  2: {
    name: 'Maximum segment size',
    section: 'RFC 9293, 3.7.1',
    lengths: [4],
    meaning: 'The largest piece of data that the sender of this option takes in one packet.',
    value: ({ view }) => `${view.getUint16(2)} bytes`,
  },
  3: {
    name: 'Window scale',
    section: 'RFC 7323, 2.2',
    lengths: [3],
    meaning: 'The window of all later packets is to be multiplied by two to the power of this.',
    value: ({ view }) => String(view.getUint8(2)),
  },
  4: {
    name: 'SACK permitted',
    section: 'RFC 2018, 2',
    lengths: [2],
    meaning: 'The sender understands selective acknowledgments.',
    value: () => 'yes',
  },
  5: {
    name: 'SACK',
    section: 'RFC 2018, 3',
    lengths: [10, 18, 26, 34],
    meaning: 'What has arrived beyond a gap, so that only the gap is sent again.',
    value: ({ view }) =>
      Array.from({ length: (view.byteLength - 2) / 8 }, (_, block) => {
        return `${view.getUint32(2 + 8 * block)} to ${view.getUint32(6 + 8 * block)}`;
      }).join(', '),
  },
  8: {
    name: 'Timestamps',
    section: 'RFC 7323, 3.2',
    lengths: [10],
    meaning: 'The sender’s clock, and the last clock that it saw from the other side: together they measure the round trip.',
    value: ({ view }) => `${view.getUint32(2)}, echo ${view.getUint32(6)}`,
  },
  34: {
    name: 'TCP Fast Open cookie',
    section: 'RFC 7413, 4.1.1',
    lengths: 'any',
    meaning: 'Asks for, or shows, the permission to send data in a SYN.',
    value: (part) => hexOf(part, 2, part.view.byteLength - 2) || 'request',
  },
};

/** Walks the options between two offsets of the packet. Each step goes on by at least one byte, so it ends. */
export function decodeTcpOptions(
  packet: Uint8Array,
  from: number,
  to: number,
  flags: TcpFlags,
  notes: Notes,
): { options: TcpOption[]; mptcp: MptcpOption[] } {
  const options: TcpOption[] = [];
  const mptcp: MptcpOption[] = [];
  const partAt = (at: number, end: number, section: string) => partOf(packet, at, end, 'tcp', section, notes);

  for (let at = from; at < to; ) {
    const kind = packet[at] ?? END;
    if (kind === END || kind === NO_OPERATION) {
      const part = partAt(at, at + 1, 'RFC 9293, 3.2');
      const name = kind === END ? 'End of options' : 'No operation';
      note(
        part,
        name,
        0,
        1,
        kind,
        kind === END ? 'Nothing but padding follows.' : 'Padding, so that the next option begins at a multiple of four.',
      );
      options.push({ kind, name, from: at, to: at + 1 });
      at += 1;
      if (kind === END) {
        if (at < to)
          note(
            partAt(at, to, 'RFC 9293, 3.2'),
            'Padding',
            0,
            to - at,
            `${to - at} bytes`,
            'Fills the header up to a multiple of four.',
          );
        break;
      }
      continue;
    }
    const length = at + 1 < to ? (packet[at + 1] ?? 0) : 0;
    if (length < 2 || at + length > to) {
      const name = kind === MPTCP_KIND ? 'Multipath TCP option' : `TCP option ${kind}`;
      const left = to - at;
      const found = at + 1 < to ? `a length of ${length}` : 'the end of the header';
      fault(partAt(at, to, 'RFC 9293, 3.2'), name, `a length of 2 to ${left}, the bytes left`, found);
      if (kind === MPTCP_KIND)
        mptcp.push({ subtype: 'malformed', name, from: at, to, expected: `a length of 3 to ${left}`, found });
      break;
    }
    const end = at + length;
    if (kind === MPTCP_KIND) {
      mptcp.push(decodeMptcpOption(packet, at, end, flags, notes));
      options.push({ kind, name: 'Multipath TCP', from: at, to: end });
    } else {
      options.push({ kind, name: describe(partAt(at, end, KNOWN[kind]?.section ?? 'RFC 9293, 3.2'), kind), from: at, to: end });
    }
    at = end;
  }
  return { options, mptcp };
}

function describe(part: Part, kind: number): string {
  const length = part.view.byteLength;
  const known = KNOWN[kind];
  if (known === undefined) {
    note(part, `Option ${kind}`, 0, length, hexOf(part, 2, length - 2), 'A TCP option that this page does not explain.');
    return `Option ${kind}`;
  }
  if (known.lengths !== 'any' && !known.lengths.includes(length)) {
    fault(part, known.name, `a length of ${known.lengths.join(' or ')}`, `${length}`);
    return known.name;
  }
  note(part, known.name, 0, length, known.value(part), known.meaning);
  return known.name;
}
