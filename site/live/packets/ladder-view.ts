import { element } from '../element.ts';
import { type Ladder, MAX_LADDERS } from './ladder.ts';
import type { StoredPacket } from './packet-store.ts';
import type { PacketWords } from './packet-words.ts';

/** A ladder for each subflow: client at the left, server at the right, time goes down. A step shows its packet. */
export function showLadders(
  ladders: Ladder[],
  packets: StoredPacket[],
  tell: (packet: StoredPacket) => PacketWords,
  selected: (packet: StoredPacket) => void,
): HTMLElement[] {
  const shown = ladders.slice(0, MAX_LADDERS).map(({ title, ends, steps, more }) => {
    const rungs = steps.flatMap(({ packet, from }) => {
      const stored = packets[packet];
      if (stored === undefined) return [];
      const { timeMs, link, flags, options, spoken } = tell(stored);
      const words = options.flatMap(({ name, says }) => [element('b', '', name), ` ${says} `]);
      const button = element(
        'button',
        `ladder-step ladder-from-${from}${link === null ? '' : ` link-${link.name}`}`,
        element('span', 'ladder-words', element('span', 'packet-flags', flags), ' ', ...words),
        element('span', 'packet-time', `${timeMs} ms`),
        element('span', 'ladder-arrow'),
      );
      button.type = 'button';
      button.setAttribute('aria-label', spoken);
      button.addEventListener('click', () => selected(stored));
      return [element('li', '', button)];
    });
    const box = element(
      'section',
      'ladder',
      element('p', 'ladder-title', title),
      element('p', 'packet-note', ends),
      element('div', 'ladder-hosts', element('span', '', 'client'), element('span', '', 'server')),
      element('ol', 'ladder-steps', ...rungs),
    );
    if (more > 0) box.append(element('p', 'packet-note', `And ${more} more, in the list.`));
    return box;
  });
  if (ladders.length > MAX_LADDERS) {
    shown.push(element('p', 'packet-note', `And ${ladders.length - MAX_LADDERS} more subflows, in the list.`));
  }
  return shown;
}
