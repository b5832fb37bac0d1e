import type { Topology } from '../../../protocol/topology.ts';
import { element } from '../element.ts';
import type { StoredPacket } from './packet-store.ts';
import { type Interfaces, tellPacket } from './packet-words.ts';

/** The list of packets: one stop for the Tab key, arrows move in it and show what they come to, as does a click. */
export type PacketList = {
  element: HTMLElement;
  /** False when the packet that was selected is not there any more. */
  show(packets: StoredPacket[], interfaces: Interfaces, topology: Topology): boolean;
  /** Marks a packet, and brings it into sight. */
  select(packet: StoredPacket | null): void;
};

const PAGE_ROWS = 10;

export function openPacketList(selected: (packet: StoredPacket) => void): PacketList {
  const rows = new Map<StoredPacket, HTMLElement>();
  let shown: StoredPacket[] = [];
  let current: StoredPacket | null = null;
  const list = element('div', 'packet-rows');
  list.setAttribute('role', 'listbox');
  list.setAttribute('aria-label', 'Packets');
  list.tabIndex = 0;

  const select = (packet: StoredPacket | null) => {
    if (current !== null) rows.get(current)?.removeAttribute('aria-selected');
    current = packet;
    const row = packet === null ? undefined : rows.get(packet);
    if (row === undefined) return list.removeAttribute('aria-activedescendant');
    row.setAttribute('aria-selected', 'true');
    list.setAttribute('aria-activedescendant', row.id);
    bringIntoList(list, row);
  };
  const choose = (packet: StoredPacket | undefined) => {
    if (packet === undefined) return;
    select(packet);
    selected(packet);
  };

  list.addEventListener('click', ({ target }) => {
    const row = target instanceof Element ? target.closest('[role=option]') : null;
    choose(shown.find((packet) => rows.get(packet) === row));
  });
  list.addEventListener('keydown', (event) => {
    const next = indexAfterKey(event.key, current === null ? -1 : shown.indexOf(current), shown.length);
    if (next === null) return;
    event.preventDefault();
    choose(shown[next]);
  });

  return {
    element: list,
    select,
    show(packets, interfaces, topology) {
      const isAtEnd = list.scrollHeight - list.scrollTop - list.clientHeight < 8;
      const kept = new Set(packets);
      for (const [packet, row] of rows) {
        if (kept.has(packet)) continue;
        row.remove();
        rows.delete(packet);
      }
      const isGone = current !== null && !kept.has(current);
      if (isGone) select(null);
      const firstMs = packets[0]?.timeMs ?? 0;
      let cursor = list.firstElementChild;
      for (const packet of packets) {
        const row = rows.get(packet) ?? rowOf(packet, firstMs, interfaces, topology);
        rows.set(packet, row);
        if (row === cursor) cursor = cursor.nextElementSibling;
        else list.insertBefore(row, cursor);
      }
      shown = packets;
      if (isAtEnd && current === null) list.scrollTop = list.scrollHeight;
      return !isGone;
    },
  };
}

let lastRow = 0;

function rowOf(packet: StoredPacket, firstMs: number, interfaces: Interfaces, topology: Topology): HTMLElement {
  const { timeMs, link, arrow, flags, length, options, spoken } = tellPacket(packet.decoded, firstMs, interfaces, topology);
  const dot = element('span', link === null ? '' : `link-dot link-${link.name}`);
  if (link !== null) dot.title = link.title;
  const row = element(
    'div',
    packet.control ? 'packet-row' : 'packet-row packet-row-data',
    element('span', 'packet-time', timeMs),
    dot,
    element('span', '', arrow),
    element('span', 'packet-flags', flags),
    element('span', 'packet-length', length),
    element('span', 'packet-options', ...options.flatMap(({ name, says }) => [element('b', '', name), ` ${says} `])),
  );
  row.setAttribute('role', 'option');
  row.setAttribute('aria-label', spoken);
  row.id = `packet-row-${++lastRow}`;
  return row;
}

/** Scrolls the list alone: the page stays where it is. */
function bringIntoList(list: HTMLElement, row: HTMLElement): void {
  const above = row.offsetTop - list.scrollTop;
  if (above < 0) list.scrollTop = row.offsetTop;
  else if (above + row.offsetHeight > list.clientHeight) list.scrollTop = row.offsetTop + row.offsetHeight - list.clientHeight;
}

function indexAfterKey(key: string, index: number, count: number): number | null {
  switch (key) {
    case 'ArrowDown':
      return Math.min(index + 1, count - 1);
    case 'ArrowUp':
      return Math.max(index - 1, 0);
    case 'PageDown':
      return Math.min(index + PAGE_ROWS, count - 1);
    case 'PageUp':
      return Math.max(index - PAGE_ROWS, 0);
    case 'Home':
      return 0;
    case 'End':
      return count - 1;
    case 'Enter':
    case ' ':
      return Math.max(index, 0);
    default:
      return null;
  }
}
