import { hex } from './hex.ts';

/** The part of a packet that a field belongs to. */
export type Layer = 'link' | 'ip' | 'tcp' | 'mptcp';

/** A run of bytes of a packet and what it means, so that a view can point at the bytes and explain them. */
export type Field = {
  layer: Layer;
  name: string;
  /** Byte offsets in the packet; `to` is the first byte after the field. */
  from: number;
  to: number;
  /** The bits of a field that is smaller than a byte or crosses bytes, counted in the bytes `from` to `to`. */
  mask?: number;
  value: string;
  /** One sentence. */
  meaning: string;
  /** Where to read more: `RFC 8684, 3.1`. */
  section: string;
};

/** What could not be decoded: what was expected, and what was found instead. */
export type Fault = { layer: Layer; name: string; from: number; to: number; expected: string; found: string };

/** What decoding of a packet collects. */
export type Notes = { fields: Field[]; faults: Fault[] };

/** A part of a packet: reading outside of `view` is an error, so no decoder can leave its header or option. */
export type Part = { view: DataView; from: number; layer: Layer; section: string; notes: Notes };

export function partOf(packet: Uint8Array, from: number, to: number, layer: Layer, section: string, notes: Notes): Part {
  return { view: new DataView(packet.buffer, packet.byteOffset + from, to - from), from, layer, section, notes };
}

/** Notes a field by its offset and length in the part, in bytes. */
export function note(
  part: Part,
  name: string,
  offset: number,
  length: number,
  value: string | number | bigint,
  meaning: string,
  mask?: number,
): void {
  const from = part.from + offset;
  const field: Field = { layer: part.layer, name, from, to: from + length, value: String(value), meaning, section: part.section };
  part.notes.fields.push(mask === undefined ? field : { ...field, mask });
}

export function fault(part: Part, name: string, expected: string, found: string): void {
  const { view, from, layer, notes } = part;
  notes.faults.push({ layer, name, from, to: from + view.byteLength, expected, found });
}

/** Bytes of a part as hexadecimal digits. */
export function hexOf({ view }: Part, offset: number, length: number): string {
  return hex(new Uint8Array(view.buffer, view.byteOffset + offset, Math.max(0, Math.min(length, view.byteLength - offset))));
}

/** Twelve bits behind the subtype that some options leave unused. */
export function noteReserved(part: Part): void {
  const reserved = part.view.getUint16(2) & 0x0fff;
  note(part, 'Reserved', 2, 2, `0x${reserved.toString(16).padStart(3, '0')}`, 'Not used.', 0x0fff);
}
