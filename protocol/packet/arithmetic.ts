import { fromHex, hex, hexNumber } from './hex.ts';
import { concat, hmacSha256, sha256 } from './sha256.ts';

/** A calculation as a learner can follow it, all values in hexadecimal digits. */
export type Calculation = { steps: Step[]; result: string };

export type Step =
  | { kind: 'input'; name: string; value: string }
  /** Values put one behind the other, by their names. */
  | { kind: 'concatenation'; name: string; of: string[]; value: string }
  | { kind: 'digest'; operation: 'SHA-256' | 'HMAC-SHA256' | 'one’s complement sum of 16-bit words, inverted'; value: string }
  /** The bytes `from` to `to` of the digest. */
  | { kind: 'truncation'; from: number; to: number; value: string };

/** A value with the name under which it is shown. */
export type Named = { name: string; value: string };

/** RFC 8684, section 3.1: the most significant 32 bits of SHA-256 of the key. */
export function calculateToken(key: Named): Calculation {
  return fromKey(key, 0, 4);
}

/** RFC 8684, section 3.1: the least significant 64 bits of SHA-256 of the key. The first data byte is one beyond it. */
export function calculateInitialSequence(key: Named): Calculation {
  return fromKey(key, 24, 32);
}

export function tokenOf(key: string): string {
  return calculateToken({ name: 'key', value: key }).result;
}

/** RFC 8684, section 3.2: the sender's key and random number come first; in a SYN+ACK the leftmost 64 bits are sent, else 160. */
export function calculateJoinHmac(keys: [Named, Named], randoms: [Named, Named], form: 'syn-ack' | 'ack'): Calculation {
  return keyedHash(keys, randoms, 0, form === 'syn-ack' ? 8 : 20);
}

/** RFC 8684, section 3.4.1: the rightmost 64 bits. The port counts as two zero bytes where the option has none. */
export function calculateAddressHmac(keys: [Named, Named], addressId: Named, address: Named, port: Named): Calculation {
  return keyedHash(keys, [addressId, address, port], 24, 32);
}

/** RFC 8684, section 3.3.1: the checksum of TCP over a pseudo-header and the data that the mapping is about. */
export function calculateDataChecksum(dataSequence: Named, subflowSequence: Named, length: Named, data: Named): Calculation {
  const parts = [dataSequence, subflowSequence, length, { name: 'zeroes', value: '0000' }, data];
  const message = concat(...parts.map(({ value }) => fromHex(value)));
  const result = hexNumber(internetChecksum(message), 2);
  return {
    steps: [
      ...parts.map((part): Step => ({ kind: 'input', ...part })),
      { kind: 'concatenation', name: 'message', of: parts.map(({ name }) => name), value: hex(message) },
      { kind: 'digest', operation: 'one’s complement sum of 16-bit words, inverted', value: result },
    ],
    result,
  };
}

/** RFC 1071. An odd last byte counts as the upper half of a word. */
function internetChecksum(bytes: Uint8Array): number {
  let sum = 0;
  for (const [index, byte] of bytes.entries()) {
    sum += index % 2 === 0 ? byte << 8 : byte;
    sum = (sum & 0xffff) + (sum >>> 16);
  }
  return ~sum & 0xffff;
}

function fromKey(key: Named, from: number, to: number): Calculation {
  const digest = hex(sha256(fromHex(key.value)));
  const result = digest.slice(2 * from, 2 * to);
  return {
    steps: [
      { kind: 'input', ...key },
      { kind: 'digest', operation: 'SHA-256', value: digest },
      { kind: 'truncation', from, to, value: result },
    ],
    result,
  };
}

function keyedHash(keys: Named[], message: Named[], from: number, to: number): Calculation {
  const joined = (parts: Named[]) => concat(...parts.map(({ value }) => fromHex(value)));
  const digest = hex(hmacSha256(joined(keys), joined(message)));
  const result = digest.slice(2 * from, 2 * to);
  const concatenation = (name: string, parts: Named[]): Step => {
    return { kind: 'concatenation', name, of: parts.map((part) => part.name), value: hex(joined(parts)) };
  };
  return {
    steps: [
      ...[...keys, ...message].map((part): Step => ({ kind: 'input', ...part })),
      concatenation('HMAC key', keys),
      concatenation('message', message),
      { kind: 'digest', operation: 'HMAC-SHA256', value: digest },
      { kind: 'truncation', from, to, value: result },
    ],
    result,
  };
}
