import type { Connection } from '../../../protocol/evidence.ts';
import { element } from '../element.ts';

/** The subflows of a connection, each with its two ends and its link. */
export function connectionView({ token, subflows }: Connection): HTMLElement {
  const list = element('ul', 'subflows');
  for (const { flow, link, role, backup, state } of subflows) {
    const ends = `${endpoint(flow.localAddress, flow.localPort)} → ${endpoint(flow.remoteAddress, flow.remotePort)}`;
    const words = [
      role === 'initial' ? 'first' : 'joined',
      ...(backup ? ['backup'] : []),
      ...(state === 'closed' ? [] : ['open']),
    ];
    list.append(element('li', `link-dot link-${link ?? 'none'}`, `${ends} · ${words.join(', ')}`));
  }
  list.setAttribute('aria-label', `Subflows of connection ${token}`);
  return list;
}

const endpoint = (address: string, port: number) => (address.includes(':') ? `[${address}]:${port}` : `${address}:${port}`);
