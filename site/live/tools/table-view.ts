import type { RunHost } from '../../../protocol/manifest.ts';
import { parseSs, type SocketEnd, type SocketField, type SocketText } from '../../../protocol/ss-text.ts';
import { MONITOR_COMMAND, TOOL_COMMANDS } from '../../../protocol/tool.ts';
import { linkOfClientAddress, type Topology } from '../../../protocol/topology.ts';
import { element } from '../element.ts';
import { formatBytes, formatDuration } from '../verdict/quantity.ts';
import { endpointFlagMeaning, eventMeaning, type FieldKind, fieldMeaning } from './field-meaning.ts';
import type { Foldouts } from './foldouts.ts';
import { readEndpoints, readLimits, readMonitorLine } from './monitor-fields.ts';
import type { KeptText, ToolLog } from './tool-log.ts';

/** What the tools printed on a host, as lines to unfold: each field with its unit and what it tells. */
export function tableView(host: RunHost, log: ToolLog, topology: Topology, lines: Foldouts): HTMLElement[] {
  const tools = log.hosts[host];
  const linkOf = ({ local, remote }: SocketText) =>
    linkOfClientAddress(topology, host === 'client' ? local.address : remote.address) ?? 'none';
  return [
    ...sockets('Connections', TOOL_COMMANDS.connections, tools.texts.connections, (socket) =>
      lines.line(`${host} m ${ends(socket)}`, connectionWords(socket), () => [fieldTable('connection', socketFields(socket))]),
    ),
    ...sockets('Subflows', TOOL_COMMANDS.subflows, tools.texts.subflows, (socket) =>
      lines.line(`${host} t ${ends(socket)}`, subflowWords(socket, linkOf(socket)), () => [
        fieldTable('subflow', socketFields(socket)),
      ]),
    ),
    ...settings(),
    titled('Events', MONITOR_COMMAND, monitorLines(host, log, lines)),
  ];

  function settings(): HTMLElement[] {
    const { endpoints, limits } = tools.texts;
    const addresses = readEndpoints(endpoints?.text ?? '').map(({ address, id, port, device, flags }) =>
      element(
        'tr',
        '',
        rowHead(port === null ? address : `${address} port ${port}`),
        element('td', '', `number ${id}${device === null ? '' : `, on ${device}`}`),
        element('td', 'tool-meaning', flags.map((flag) => `${flag}: ${endpointFlagMeaning(flag)}`).join('; ')),
      ),
    );
    const none = element('p', 'tool-note', endpoints === undefined ? 'Nothing was asked yet.' : 'This host has no endpoint.');
    return [
      titled('Endpoints', TOOL_COMMANDS.endpoints, addresses.length === 0 ? [none] : [table('Endpoints', addresses)]),
      titled('Limits', TOOL_COMMANDS.limits, [fieldTable('limit', readLimits(limits?.text ?? ''))]),
    ];
  }

  function titled(title: string, command: string, content: HTMLElement[], when = ''): HTMLElement {
    const head = [title, ' ', element('code', '', command), ' ', element('span', 'tool-when', when)];
    return lines.part(`${host} ${title}`, head, content);
  }

  function sockets(title: string, command: string, kept: KeptText | undefined, show: (socket: SocketText) => HTMLElement) {
    const found = parseSs(kept?.text ?? '');
    if (kept === undefined || found.length === 0) {
      return [titled(title, command, [element('p', 'tool-note', kept === undefined ? NOT_ASKED : NO_SOCKET)])];
    }
    const more = kept.leftOutLines === 0 ? [] : [element('p', 'tool-note', `${kept.leftOutLines} more lines are left out.`)];
    return [titled(title, command, [...found.map(show), ...more], whenRead(kept, log.startedAtMs))];
  }
}

const NOT_ASKED = 'Nothing was read until this moment: sockets are listed while a client runs.';
const NO_SOCKET =
  'No socket was open when the tool looked. A connection may be over in milliseconds; the events below tell of it all the same.';

function whenRead({ atMs, goneAtMs }: KeptText, startedAtMs: number): string {
  const time = (at: number) => formatDuration(Math.max(0, at - startedAtMs));
  return `after ${time(atMs)}${goneAtMs === null ? '' : `, gone after ${time(goneAtMs)}`}`;
}

function monitorLines(host: RunHost, { hosts, startedAtMs }: ToolLog, lines: Foldouts): HTMLElement[] {
  const { monitor, monitorLeftOut } = hosts[host];
  if (monitor.length === 0) return [element('p', 'tool-note', 'No event of Multipath TCP yet.')];
  return monitor.map(({ atMs, line }, index) => {
    const { name, fields } = readMonitorLine(line);
    const when = atMs < startedAtMs ? 'before' : formatDuration(atMs - startedAtMs);
    const words = [element('time', '', when), element('code', '', name), element('span', 'tool-meaning', eventMeaning(name))];
    return lines.line(`${host} e ${monitorLeftOut + index}`, words, () => [fieldTable('event', fields)]);
  });
}

function connectionWords(socket: SocketText): HTMLElement[] {
  const value = (name: string) => socket.fields.find((field) => field.name === name)?.value;
  const isFallback = value('fallback') !== undefined;
  const facts = [
    ...(value('token') === undefined ? [] : [`0x${value('token')?.padStart(8, '0')}`]),
    ...(isFallback ? [] : [`${value('subflows_total') ?? '0'} subflows`]),
    `sent ${formatBytes(Number(value('bytes_sent') ?? 0))}`,
    `received ${formatBytes(Number(value('bytes_received') ?? 0))}`,
  ];
  return [
    element('span', 'tool-ends', ends(socket)),
    element('span', 'tool-facts', facts.join(' · ')),
    ...(isFallback ? [element('b', 'tool-fallback', 'fallback: plain TCP')] : []),
  ];
}

function subflowWords(socket: SocketText, link: string): HTMLElement[] {
  const value = (name: string) => socket.fields.find((field) => field.name === name)?.value;
  const flags = value('flags');
  const facts = [
    subflowKind(flags),
    ...(/b/i.test(flags ?? '') ? ['backup'] : []),
    ...(socket.state === 'ESTAB' ? [] : [socket.state]),
    ...(value('rtt') === undefined ? [] : [`round trip ${value('rtt')?.split('/')[0]} ms`]),
    `sent ${formatBytes(Number(value('bytes_sent') ?? 0))}`,
    `received ${formatBytes(Number(value('bytes_received') ?? 0))}`,
  ];
  return [element('span', `tool-ends link-dot link-${link}`, ends(socket)), element('span', 'tool-facts', facts.join(' · '))];
}

/** By the letters of `flags`: on a connection that fell back, MP_CAPABLE never came. */
function subflowKind(flags: string | undefined): string {
  if (flags === undefined) return 'plain TCP';
  if (flags.includes('J')) return 'joined';
  return flags.includes('M') ? 'first' : 'fell back';
}

function ends({ local, remote }: SocketText): string {
  return `${endWords(local)} → ${endWords(remote)}`;
}

function endWords({ address, port }: SocketEnd): string {
  return address.includes(':') ? `[${address}]:${port}` : `${address}:${port}`;
}

/** What stands in the columns of ss is told as fields too. */
function socketFields({ state, receiveQueue, sendQueue, fields }: SocketText): SocketField[] {
  return [
    { name: 'State', value: state },
    { name: 'Recv-Q', value: String(receiveQueue) },
    { name: 'Send-Q', value: String(sendQueue) },
    ...fields,
  ];
}

function fieldTable(kind: FieldKind, fields: SocketField[]): HTMLElement {
  const rows = fields.map(({ name, value }) => {
    const { unit = '', says } = fieldMeaning(kind, name, value);
    return element(
      'tr',
      '',
      rowHead(name),
      element('td', 'tool-value', unit === '' ? value : `${value} ${unit}`),
      element('td', 'tool-meaning', says),
    );
  });
  return table('Fields', rows);
}

function rowHead(text: string): HTMLElement {
  const head = element('th', '', text);
  head.scope = 'row';
  return head;
}

function table(label: string, rows: HTMLElement[]): HTMLElement {
  const made = element('table', 'tool-fields', element('tbody', '', ...rows));
  made.setAttribute('aria-label', label);
  return made;
}
