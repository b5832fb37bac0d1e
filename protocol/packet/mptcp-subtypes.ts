import { fault, hexOf, type Notes, note, type Part, partOf } from './field.ts';
import { decodeAddAddr, decodeMpPrio, decodeRemoveAddr } from './mptcp-addresses.ts';
import { decodeDss, decodeMpFail } from './mptcp-data.ts';
import { decodeMpCapable, decodeMpJoin } from './mptcp-handshake.ts';
import { type MptcpContent, type MptcpOption, wrongLength } from './mptcp-option.ts';
import { decodeMpFastclose, decodeMpTcprst } from './mptcp-resets.ts';
import type { TcpFlags } from './tcp.ts';

type Decode = (part: Part, flags: TcpFlags) => MptcpContent;

const SUBTYPES: { name: string; section: string; decode: Decode; meaning: string }[] = [
  { name: 'MP_CAPABLE', section: '3.1', decode: decodeMpCapable, meaning: 'begins a Multipath TCP connection' },
  { name: 'MP_JOIN', section: '3.2', decode: decodeMpJoin, meaning: 'adds a subflow to a connection' },
  { name: 'DSS', section: '3.3', decode: decodeDss, meaning: 'says where data belongs in the connection, and what has arrived' },
  { name: 'ADD_ADDR', section: '3.4.1', decode: decodeAddAddr, meaning: 'tells of another address' },
  { name: 'REMOVE_ADDR', section: '3.4.2', decode: decodeRemoveAddr, meaning: 'takes addresses back' },
  { name: 'MP_PRIO', section: '3.3.8', decode: decodeMpPrio, meaning: 'makes a subflow a backup, or a regular one again' },
  { name: 'MP_FAIL', section: '3.7', decode: decodeMpFail, meaning: 'says that a checksum was wrong' },
  { name: 'MP_FASTCLOSE', section: '3.5', decode: decodeMpFastclose, meaning: 'ends the whole connection at once' },
  { name: 'MP_TCPRST', section: '3.6', decode: decodeMpTcprst, meaning: 'says why a subflow is reset' },
];

const EXPERIMENTAL = 15;

/** Decodes the option of kind 30 between two offsets of the packet; what is wrong with it is in the result, and noted. */
export function decodeMptcpOption(packet: Uint8Array, from: number, to: number, flags: TcpFlags, notes: Notes): MptcpOption {
  const length = to - from;
  const third = packet[from + 2];
  if (length < 3 || third === undefined) {
    const part = partOf(packet, from, to, 'mptcp', 'RFC 8684, 3', notes);
    return finish(part, to, { subtype: 'malformed', name: 'Multipath TCP option', ...wrongLength([], length, 'at least 3') });
  }
  const number = third >> 4;
  const known = SUBTYPES[number];
  const part = partOf(packet, from, to, 'mptcp', `RFC 8684, ${known?.section ?? '7.2'}`, notes);
  note(part, 'Kind', 0, 1, 30, 'The TCP option is one of Multipath TCP.');
  note(part, 'Length', 1, 1, `${length} bytes`, 'With kind and length.');
  const name = known?.name ?? (number === EXPERIMENTAL ? 'MP_EXPERIMENTAL' : 'unknown');
  const meaning = known?.meaning ?? (number === EXPERIMENTAL ? 'is kept for experiments' : 'is not assigned');
  note(part, 'Subtype', 2, 1, `${number} (${name})`, `An option that ${meaning}.`, 0xf0);
  return finish(part, to, known === undefined ? undecoded(part, number) : known.decode(part, flags));
}

function undecoded(part: Part, number: number): MptcpContent {
  const content = hexOf(part, 2, part.view.byteLength - 2).slice(1);
  note(part, 'Content', 2, part.view.byteLength - 2, content, 'Its meaning is known to those who made it.');
  return number === EXPERIMENTAL ? { subtype: 'MP_EXPERIMENTAL', content } : { subtype: 'unknown', number, content };
}

function finish(part: Part, to: number, content: MptcpContent): MptcpOption {
  if (content.subtype === 'malformed') fault(part, content.name, content.expected, content.found);
  return { from: part.from, to, ...content };
}
