import type { Evidence } from '../../../protocol/evidence.ts';
import { HOME_TOPOLOGY } from '../../../protocol/topology.ts';
import { element } from '../element.ts';
import { compareCounters, counterMeaning } from './counter-meaning.ts';
import { formatBytes } from './quantity.ts';

/** What the kernel reported: counters that moved, bytes of the links. */
export function evidenceFacts(evidence: Evidence): HTMLElement[] {
  const { kernel, counters } = evidence;
  return [
    element('p', '', `What Linux ${kernel} reported, from outside the two programs. ${listenerSentence(evidence)}`),
    table(
      ['Multipath TCP counter', 'client', 'server', 'meaning'],
      counterRows(counters.client.mptcp, counters.server.mptcp),
      'No Multipath TCP counter moved, neither on the client nor on the server.',
    ),
    table(
      ['TCP counter', 'client', 'server', 'meaning'],
      counterRows(counters.client.tcp, counters.server.tcp),
      'No TCP counter moved.',
    ),
    linkTable(evidence),
  ];
}

function listenerSentence({ mptcpListenPorts }: Evidence): string {
  if (mptcpListenPorts.length === 0) return 'While the client ran, no Multipath TCP socket listened on the server.';
  const ports = mptcpListenPorts.length === 1 ? 'port' : 'ports';
  return `While the client ran, a Multipath TCP socket listened on the server, ${ports} ${mptcpListenPorts.join(', ')}.`;
}

function counterRows(client: Record<string, number>, server: Record<string, number>): string[][] {
  const names = new Set([...Object.keys(client), ...Object.keys(server)]);
  return [...names]
    .sort(compareCounters)
    .map((name) => [name, String(client[name] ?? 0), String(server[name] ?? 0), counterMeaning(name)]);
}

function linkTable({ links }: Evidence): HTMLElement {
  const rows = HOME_TOPOLOGY.links.flatMap(({ name, title }) => {
    const bytes = links[name];
    return bytes === undefined ? [] : [[title, formatBytes(bytes.sentBytes), formatBytes(bytes.receivedBytes)]];
  });
  return table(['link', 'sent by the client', 'received by the client'], rows, 'No byte crossed a link.');
}

function table(heads: string[], rows: string[][], whenEmpty: string): HTMLElement {
  if (rows.length === 0) return element('p', '', whenEmpty);
  const head = element('tr', '', ...heads.map((text) => withScope(element('th', '', text), 'col')));
  const body = rows.map(([name = '', ...cells]) => {
    const cellElements = cells.map((text, index) => element('td', index < 2 ? 'evidence-count' : 'evidence-meaning', text));
    return element('tr', '', withScope(element('th', '', name), 'row'), ...cellElements);
  });
  const made = element('table', '', element('thead', '', head), element('tbody', '', ...body));
  const frame = element('div', 'evidence-table', made);
  frame.tabIndex = 0;
  frame.setAttribute('role', 'group');
  frame.setAttribute('aria-label', heads[0] ?? '');
  return frame;
}

function withScope(cell: HTMLTableCellElement, scope: 'col' | 'row'): HTMLTableCellElement {
  cell.scope = scope;
  return cell;
}
