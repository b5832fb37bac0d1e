import type { DecodedPacket } from '../../../protocol/packet/decode.ts';
import type { Field, Layer } from '../../../protocol/packet/field.ts';
import { element } from '../element.ts';
import { type PacketBytes, showBytes } from './packet-bytes.ts';

const LAYERS: [Layer, string][] = [
  ['mptcp', 'Multipath TCP'],
  ['tcp', 'TCP'],
  ['ip', 'IP'],
  ['link', 'Link'],
];

/** One packet: its bytes, and each field of it in a sentence. A field that is pointed at or focused marks its bytes. */
export function showPacket(packet: DecodedPacket, title: string): HTMLElement[] {
  const buttons = new Map<Field, HTMLElement>();
  let marked: Field | null = null;
  const mark = (field: Field | null) => {
    if (marked !== null) buttons.get(marked)?.classList.remove('packet-marked');
    marked = field;
    if (field !== null) buttons.get(field)?.classList.add('packet-marked');
    bytes.mark(field);
  };
  // The smallest one: an option as a whole has its parts as fields too.
  const bytes: PacketBytes = showBytes(packet, (index) => {
    const over = packet.fields.filter(({ from, to }) => index >= from && index < to);
    mark(over.sort((a, b) => a.to - a.from - (b.to - b.from))[0] ?? null);
  });
  const openLayer = LAYERS.find(([layer]) => packet.fields.some((field) => field.layer === layer))?.[0];

  const groups = LAYERS.flatMap(([layer, name]) => {
    const fields = packet.fields.filter((field) => field.layer === layer);
    if (fields.length === 0) return [];
    const list = element('ul', 'packet-fields', ...fields.map((field) => element('li', '', fieldButton(field))));
    const group = element('details', `packet-layer packet-${layer}`, element('summary', '', name), list);
    group.open = layer === openLayer;
    return [group];
  });

  function fieldButton(field: Field): HTMLElement {
    const button = element(
      'button',
      'packet-field',
      element('span', 'packet-field-name', field.name),
      element('code', '', field.value),
      element('span', 'packet-meaning', `${field.meaning} `, element('span', 'packet-section', field.section)),
    );
    button.type = 'button';
    for (const type of ['pointerenter', 'focus', 'click']) button.addEventListener(type, () => mark(field));
    buttons.set(field, button);
    return button;
  }

  const faults = packet.faults.map(({ name, expected, found }) =>
    element('p', 'packet-fault', `${name}: expected ${expected}, found ${found}.`),
  );
  return [element('p', 'packet-title', title), bytes.element, ...cutNote(packet), ...faults, ...groups];
}

function cutNote({ bytes, wireBytes }: DecodedPacket): HTMLElement[] {
  if (bytes.length >= wireBytes) return [];
  return [element('p', 'packet-note', `The first ${bytes.length} of ${wireBytes} bytes were captured.`)];
}
