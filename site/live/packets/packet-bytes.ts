import type { DecodedPacket } from '../../../protocol/packet/decode.ts';
import type { Field, Layer } from '../../../protocol/packet/field.ts';
import { hexNumber } from '../../../protocol/packet/hex.ts';
import { element } from '../element.ts';

/** The bytes of a packet in hexadecimal digits, colored by layer. */
export type PacketBytes = {
  element: HTMLElement;
  /** Marks the bytes of a field; none for null. */
  mark(field: Field | null): void;
};

const ROW_BYTES = 16;

/** @param pointed called with the byte that the pointer is over */
export function showBytes(packet: DecodedPacket, pointed: (index: number) => void): PacketBytes {
  const layers = layersOf(packet);
  const spans = Array.from(packet.bytes, (byte, index) =>
    element('span', `packet-byte packet-${layers[index] ?? 'payload'}`, hexNumber(byte, 1)),
  );
  const rows: HTMLElement[] = [];
  for (let from = 0; from < spans.length; from += ROW_BYTES) {
    const offset = element('span', 'packet-offset', hexNumber(from, 2));
    const bytes = spans.slice(from, from + ROW_BYTES);
    rows.push(element('div', 'packet-hex-row', offset, ...bytes));
  }
  const box = element('div', 'packet-hex', ...rows);
  box.setAttribute('role', 'img');
  box.setAttribute('aria-label', `${packet.bytes.length} bytes in hexadecimal digits; the fields below tell what they mean`);
  box.addEventListener('pointerover', ({ target }) => {
    const index = target instanceof HTMLElement ? spans.indexOf(target) : -1;
    if (index >= 0) pointed(index);
  });
  return {
    element: box,
    mark(field) {
      for (const [index, span] of spans.entries()) {
        span.classList.toggle('packet-marked', field !== null && index >= field.from && index < field.to);
      }
    },
  };
}

function layersOf({ fields, bytes }: DecodedPacket): (Layer | undefined)[] {
  const layers: (Layer | undefined)[] = Array.from(bytes, () => undefined);
  for (const { layer, from, to } of fields) layers.fill(layer, from, to);
  return layers;
}
