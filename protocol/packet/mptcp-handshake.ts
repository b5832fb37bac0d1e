import { hexOf, note, noteReserved, type Part } from './field.ts';
import { hexNumber } from './hex.ts';
import type { CapableFlags, MpCapable, MptcpContent } from './mptcp-option.ts';
import type { TcpFlags } from './tcp.ts';

/** RFC 8684, section 3.1. Which form it is follows from the TCP flags; the length has to agree. */
export function decodeMpCapable(part: Part, tcp: TcpFlags): MptcpContent {
  const length = part.view.byteLength;
  if (length < 4) return malformed('MP_CAPABLE', [4, 12, 20, 22, 24], 'in any packet', length);
  const version = part.view.getUint8(2) & 0x0f;
  note(part, 'Version', 2, 1, version, versionMeaning(version), 0x0f);
  const flags = capableFlags(part, version);
  if (version === 0) return capableVersion0(part, tcp, flags);
  if (version !== 1) {
    const content = hexOf(part, 4, length - 4);
    if (length > 4) note(part, 'Content', 4, length - 4, content, 'The form of this version is not known.');
    return { subtype: 'MP_CAPABLE', version, flags, form: 'other-version', content };
  }

  const base = { subtype: 'MP_CAPABLE', version, flags } as const;
  if (tcp.syn && !tcp.ack) {
    return length === 4 ? { ...base, form: 'syn' } : malformed('MP_CAPABLE', [4], 'in a SYN', length);
  }
  if (tcp.syn) {
    if (length !== 12) return malformed('MP_CAPABLE', [12], 'in a SYN+ACK', length);
    return { ...base, form: 'syn-ack', senderKey: key(part, 4, SERVER_KEY) };
  }
  if (length !== 20 && length !== 22 && length !== 24) return malformed('MP_CAPABLE', [20, 22, 24], 'after the SYN', length);
  const senderKey = key(part, 4, CLIENT_KEY);
  const receiverKey = key(part, 12, KEY_REPEATED);
  if (length === 20) return { ...base, form: 'ack', senderKey, receiverKey };
  const dataLength = part.view.getUint16(20);
  note(
    part,
    'Data-level length',
    20,
    2,
    `${dataLength} bytes`,
    'The first data comes with the keys: it begins at the initial data sequence number plus 1.',
  );
  const checksum = length === 24 ? part.view.getUint16(22) : null;
  if (checksum !== null) note(part, 'Checksum', 22, 2, `0x${hexNumber(checksum, 2)}`, CHECKSUM_MEANING);
  return { ...base, form: 'data', senderKey, receiverKey, dataLength, checksum };
}

export const CHECKSUM_MEANING = 'Protects the data and this mapping, so that a middlebox that changes data is found out.';

const SERVER_KEY =
  'The server’s key, in the clear: tokens and HMACs are made from the keys, which later only MP_FASTCLOSE shows.';
const CLIENT_KEY =
  'The client’s key, in the clear: tokens and HMACs are made from the keys, which later only MP_FASTCLOSE shows.';
const KEY_REPEATED = 'The server’s key again, so that a server need not remember what it answered to a SYN.';

function versionMeaning(version: number): string {
  if (version === 1) return 'Multipath TCP version 1, RFC 8684.';
  if (version === 0) return 'Multipath TCP version 0, RFC 6824: older, and Linux falls back to TCP with it.';
  return 'A version that is not known.';
}

function capableFlags(part: Part, version: number): CapableFlags {
  const bits = part.view.getUint8(3);
  const shown: [string, number, string][] = [
    ['A, checksum required', 0x80, 'Whether all data shall have checksums; one side asking is enough.'],
    ['B, extensibility', 0x40, 'Kept for later use: who does not understand a 1 here ignores the option, and answers as TCP.'],
  ];
  if (version !== 0)
    shown.push(['C, no more subflows here', 0x20, 'Whether the sender takes no further subflows at this address and port.']);
  shown.push(['H, crypto', 0x01, version === 0 ? 'HMAC with SHA-1.' : 'HMAC with SHA-256.']);
  for (const [name, mask, meaning] of shown) note(part, name, 3, 1, bits & mask ? 1 : 0, meaning, mask);
  return {
    checksumRequired: (bits & 0x80) !== 0,
    extensibility: (bits & 0x40) !== 0,
    noMoreSubflows: version !== 0 && (bits & 0x20) !== 0,
    hmacSha256: version !== 0 && (bits & 0x01) !== 0,
  };
}

/** RFC 6824, section 3.1: the client's key is in the SYN already. */
function capableVersion0(part: Part, tcp: TcpFlags, flags: CapableFlags): MpCapable | ReturnType<typeof malformed> {
  const wanted = tcp.syn ? 12 : 20;
  const length = part.view.byteLength;
  if (length !== wanted) return malformed('MP_CAPABLE version 0', [wanted], tcp.syn ? 'in a SYN' : 'after the SYN', length);
  const senderKey = key(part, 4, 'The sender’s key.');
  const base = { subtype: 'MP_CAPABLE', version: 0, flags, senderKey } as const;
  if (tcp.syn) return { ...base, form: tcp.ack ? 'syn-ack' : 'syn' };
  return { ...base, form: 'ack', receiverKey: key(part, 12, KEY_REPEATED) };
}

function key(part: Part, offset: number, meaning: string): string {
  const digits = hexOf(part, offset, 8);
  note(part, offset === 4 ? 'Sender’s key' : 'Receiver’s key', offset, 8, digits, meaning);
  return digits;
}

/** RFC 8684, section 3.2: SYN, SYN+ACK and ACK each carry a form of their own. */
export function decodeMpJoin(part: Part, tcp: TcpFlags): MptcpContent {
  const length = part.view.byteLength;
  if (!tcp.syn) {
    if (length !== 24) return malformed('MP_JOIN', [24], 'after the SYN', length);
    noteReserved(part);
    const hmac = hexOf(part, 4, 20);
    note(part, 'Sender’s HMAC', 4, 20, hmac, 'Proof that the host that joins knows both keys: the leftmost 160 bits of an HMAC.');
    return { subtype: 'MP_JOIN', form: 'ack', hmac };
  }
  const wanted = tcp.ack ? 16 : 12;
  if (length !== wanted) return malformed('MP_JOIN', [wanted], tcp.ack ? 'in a SYN+ACK' : 'in a SYN', length);
  const backup = (part.view.getUint8(2) & 0x01) !== 0;
  const addressId = part.view.getUint8(3);
  note(part, 'B, backup', 2, 1, backup ? 1 : 0, 'Whether the sender wants data here only when no other subflow works.', 0x01);
  note(
    part,
    'Address ID',
    3,
    1,
    addressId,
    'The number that the sender gives to its address, which a NAT may change on the way.',
  );
  if (!tcp.ack) {
    const receiverToken = hexOf(part, 4, 4);
    note(
      part,
      'Receiver’s token',
      4,
      4,
      receiverToken,
      'Says which connection to join: the first 32 bits of SHA-256 of the receiver’s key.',
    );
    return { subtype: 'MP_JOIN', form: 'syn', backup, addressId, receiverToken, senderRandom: random(part, 8) };
  }
  const truncatedHmac = hexOf(part, 4, 8);
  note(
    part,
    'Sender’s truncated HMAC',
    4,
    8,
    truncatedHmac,
    'Proof that the host that answers knows both keys: the leftmost 64 bits of an HMAC.',
  );
  return { subtype: 'MP_JOIN', form: 'syn-ack', backup, addressId, truncatedHmac, senderRandom: random(part, 12) };
}

function random(part: Part, offset: number): string {
  const digits = hexOf(part, offset, 4);
  note(part, 'Sender’s random number', offset, 4, digits, 'Makes each HMAC a new one, so that an old one cannot be sent again.');
  return digits;
}

function malformed(name: string, lengths: number[], where: string, found: number) {
  const subtype = 'malformed' as const;
  return { subtype, name, expected: `a length of ${lengths.join(' or ')} ${where}`, found: `${found}` };
}
