import { fault, type Notes, note, partOf } from './field.ts';
import { hexNumber } from './hex.ts';
import type { MptcpOption } from './mptcp-option.ts';
import { decodeTcpOptions, type TcpOption } from './tcp-options.ts';

export type TcpFlags = {
  syn: boolean;
  ack: boolean;
  fin: boolean;
  rst: boolean;
  psh: boolean;
  urg: boolean;
  ece: boolean;
  cwr: boolean;
};

export type TcpHeader = {
  /** Byte offsets in the packet, with options. */
  from: number;
  to: number;
  sourcePort: number;
  destinationPort: number;
  sequence: number;
  acknowledgment: number;
  flags: TcpFlags;
  /** As it stands in the header: the scale of the SYN is not applied. */
  window: number;
  options: TcpOption[];
};

const MIN_BYTES = 20;
const SECTION = 'RFC 9293, 3.1';
const FLAGS: [keyof TcpFlags, number, string][] = [
  ['cwr', 0x80, 'The sender has slowed down as it was told to.'],
  ['ece', 0x40, 'The way is congested, or, in a SYN, the sender knows how to tell.'],
  ['urg', 0x20, 'The urgent pointer counts.'],
  ['ack', 0x10, 'The acknowledgment number counts, as in all packets of an established connection.'],
  ['psh', 0x08, 'The receiver should hand the data to its program now.'],
  ['rst', 0x04, 'Ends this subflow at once.'],
  ['syn', 0x02, 'Begins a subflow: the sequence number is the first one.'],
  ['fin', 0x01, 'The sender has no more data for this subflow.'],
];

/** The header, and its Multipath TCP options; `null`, with a fault noted, when the capture ends within the first 20 bytes. */
export function decodeTcp(packet: Uint8Array, from: number, notes: Notes): { tcp: TcpHeader; mptcp: MptcpOption[] } | null {
  const rest = partOf(packet, from, packet.length, 'tcp', SECTION, notes);
  if (rest.view.byteLength < MIN_BYTES) {
    fault(rest, 'TCP header', `${MIN_BYTES} bytes`, `${rest.view.byteLength} in the capture`);
    return null;
  }
  const headerBytes = (rest.view.getUint8(12) >> 4) * 4;
  if (headerBytes < MIN_BYTES) fault(rest, 'Data offset', `at least ${MIN_BYTES} bytes`, `${headerBytes}`);
  if (headerBytes > rest.view.byteLength)
    fault(rest, 'TCP header', `${headerBytes} bytes`, `${rest.view.byteLength} in the capture`);
  const to = from + Math.min(Math.max(headerBytes, MIN_BYTES), rest.view.byteLength);

  const part = partOf(packet, from, to, 'tcp', SECTION, notes);
  const { view } = part;
  const bits = view.getUint8(13);
  const flag = (name: keyof TcpFlags) => FLAGS.some(([known, mask]) => known === name && (bits & mask) !== 0);
  const flags: TcpFlags = {
    syn: flag('syn'),
    ack: flag('ack'),
    fin: flag('fin'),
    rst: flag('rst'),
    psh: flag('psh'),
    urg: flag('urg'),
    ece: flag('ece'),
    cwr: flag('cwr'),
  };
  const header = {
    from,
    to,
    sourcePort: view.getUint16(0),
    destinationPort: view.getUint16(2),
    sequence: view.getUint32(4),
    acknowledgment: view.getUint32(8),
    flags,
    window: view.getUint16(14),
  };
  note(part, 'Source port', 0, 2, header.sourcePort, 'The sender’s port.');
  note(part, 'Destination port', 2, 2, header.destinationPort, 'The receiver’s port.');
  note(part, 'Sequence number', 4, 4, header.sequence, 'Where the data stands in this subflow. Each subflow counts for itself.');
  note(part, 'Acknowledgment number', 8, 4, header.acknowledgment, 'The next byte of this subflow that the sender waits for.');
  note(part, 'Data offset', 12, 1, `${headerBytes} bytes`, 'Where the header with its options ends.', 0xf0);
  for (const [name, mask, meaning] of FLAGS) {
    if ((bits & mask) !== 0) note(part, name.toUpperCase(), 13, 1, 1, meaning, mask);
  }
  note(
    part,
    'Window',
    14,
    2,
    header.window,
    'How much the sender can take, before the scale of the SYN is applied. In Multipath TCP it counts for all subflows together.',
  );
  note(
    part,
    'Checksum',
    16,
    2,
    `0x${hexNumber(view.getUint16(16), 2)}`,
    'Protects header and data; not yet filled in where the network card does it.',
  );
  note(part, 'Urgent pointer', 18, 2, view.getUint16(18), 'Counts only with URG.');

  const { options, mptcp } = decodeTcpOptions(packet, from + MIN_BYTES, to, flags, notes);
  return { tcp: { ...header, options }, mptcp };
}
