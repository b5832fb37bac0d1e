import { note, noteReserved, type Part } from './field.ts';
import { hexNumber } from './hex.ts';
import { CHECKSUM_MEANING } from './mptcp-handshake.ts';
import { type DssMapping, type MptcpContent, wrongLength } from './mptcp-option.ts';

const CHECKSUM_BYTES = 2;

/** RFC 8684, section 3.3: what is present follows from the flags, and the checksum from the length. */
export function decodeDss(part: Part): MptcpContent {
  const { view } = part;
  if (view.byteLength < 4) return { subtype: 'malformed', name: 'DSS', ...wrongLength([], view.byteLength, 'at least 4') };
  const bits = view.getUint8(3);
  const [dataFin, hasMapping, hasAck] = [(bits & 0x10) !== 0, (bits & 0x04) !== 0, (bits & 0x01) !== 0];
  for (const [name, mask, meaning] of FLAGS) note(part, name, 3, 1, bits & mask ? 1 : 0, meaning, mask);

  const ackBytes = bits & 0x02 ? 8 : 4;
  const sequenceBytes = bits & 0x08 ? 8 : 4;
  const ackEnd = 4 + (hasAck ? ackBytes : 0);
  const end = ackEnd + (hasMapping ? sequenceBytes + 6 : 0);
  const lengths = hasMapping ? [end, end + CHECKSUM_BYTES] : [end];
  if (!lengths.includes(view.byteLength)) {
    return {
      subtype: 'malformed',
      name: 'DSS',
      ...wrongLength(lengths, view.byteLength, `${lengths.join(' or ')} for these flags`),
    };
  }

  const dataAck = hasAck ? ({ value: sequence(view, 4, ackBytes), bytes: ackBytes } as const) : null;
  if (dataAck !== null) {
    note(
      part,
      'Data acknowledgment',
      4,
      ackBytes,
      dataAck.value,
      'The next byte of the connection that the sender waits for, on whichever subflow.',
    );
  }
  const mapping = hasMapping ? decodeMapping(part, ackEnd, sequenceBytes, dataFin) : null;
  return { subtype: 'DSS', dataFin, dataAck, mapping };
}

const FLAGS: [string, number, string][] = [
  ['F, DATA_FIN', 0x10, 'Whether the sender has no more data for the connection.'],
  ['m, long sequence number', 0x08, 'Whether the data sequence number has 8 bytes instead of 4.'],
  ['M, mapping present', 0x04, 'Whether sequence numbers and a length follow.'],
  ['a, long acknowledgment', 0x02, 'Whether the data acknowledgment has 8 bytes instead of 4.'],
  ['A, acknowledgment present', 0x01, 'Whether a data acknowledgment follows.'],
];

function decodeMapping(part: Part, from: number, bytes: 4 | 8, dataFin: boolean): DssMapping {
  const { view } = part;
  const rest = from + bytes;
  const mapping: DssMapping = {
    dataSequence: sequence(view, from, bytes),
    bytes,
    subflowSequence: view.getUint32(rest),
    length: view.getUint16(rest + 4),
    checksum: view.byteLength === rest + 6 ? null : view.getUint16(rest + 6),
  };
  note(
    part,
    'Data sequence number',
    from,
    bytes,
    mapping.dataSequence,
    'Where the data belongs in the connection, whichever subflow carries it.',
  );
  note(
    part,
    'Subflow sequence number',
    rest,
    4,
    mapping.subflowSequence,
    'Where the same data stands in this subflow, counted from its beginning.',
  );
  note(part, 'Data-level length', rest + 4, 2, `${mapping.length} bytes`, lengthMeaning(mapping.length, dataFin));
  if (mapping.checksum !== null) {
    note(part, 'Checksum', rest + 6, CHECKSUM_BYTES, `0x${hexNumber(mapping.checksum, 2)}`, CHECKSUM_MEANING);
  }
  return mapping;
}

function lengthMeaning(length: number, dataFin: boolean): string {
  if (length === 0) return 'The infinite mapping: from here on the connection is plain TCP.';
  return dataFin
    ? 'How much data this is about; DATA_FIN itself counts as one byte.'
    : 'How much data this is about; it may come in several packets.';
}

/** RFC 8684, section 3.7. */
export function decodeMpFail(part: Part): MptcpContent {
  const { view } = part;
  if (view.byteLength !== 12) return { subtype: 'malformed', name: 'MP_FAIL', ...wrongLength([12], view.byteLength) };
  noteReserved(part);
  const dataSequence = view.getBigUint64(4);
  note(part, 'Data sequence number', 4, 8, dataSequence, 'Where the data with the wrong checksum begins in the connection.');
  return { subtype: 'MP_FAIL', dataSequence };
}

function sequence(view: DataView, offset: number, bytes: 4 | 8): bigint {
  return bytes === 8 ? view.getBigUint64(offset) : BigInt(view.getUint32(offset));
}
