import type { Flow, MptcpEvent } from '../../protocol/evidence.ts';

/**
 * A line of `ip mptcp monitor` (ip-mptcp(8)): `[ EVENT] name=value name=value`. `null` for a line that is no event.
 */
export function parseMonitorLine(line: string): MptcpEvent | null {
  const found = /^\s*\[\s*([A-Z_]+)\s*\](.*)$/.exec(line);
  if (found === null) return null;
  const [, name = '', rest = ''] = found;
  const fields = new Map(
    rest
      .trim()
      .split(/\s+/)
      .map((field) => splitField(field)),
  );
  const token = (fields.get('token') ?? '').padStart(8, '0');

  switch (name) {
    case 'CREATED':
      return { kind: 'created', token, flow: flowOf(fields) };
    case 'ESTABLISHED':
      return { kind: 'established', token, flow: flowOf(fields) };
    case 'CLOSED':
      return { kind: 'closed', token };
    case 'SF_ESTABLISHED':
      return { kind: 'subflow-established', token, flow: flowOf(fields), backup: fields.get('backup') === '1' };
    case 'SF_PRIO':
      return { kind: 'subflow-priority', token, flow: flowOf(fields), backup: fields.get('backup') === '1' };
    case 'SF_CLOSED':
      return {
        kind: 'subflow-closed',
        token,
        flow: flowOf(fields),
        backup: fields.get('backup') === '1',
        error: numberOf(fields, 'error') ?? 0,
        resetReason: numberOf(fields, 'reset_reason'),
      };
    case 'ANNOUNCED':
      return {
        kind: 'announced',
        token,
        addressId: numberOf(fields, 'remid') ?? 0,
        address: addressOf(fields, 'daddr'),
        port: numberOf(fields, 'dport'),
      };
    case 'REMOVED':
      return { kind: 'removed', token, addressId: numberOf(fields, 'remid') ?? 0 };
    case 'LISTENER_CREATED':
      return { kind: 'listener-created', ...listenerOf(fields) };
    case 'LISTENER_CLOSED':
      return { kind: 'listener-closed', ...listenerOf(fields) };
    default:
      return { kind: 'other', name };
  }
}

type Fields = Map<string, string>;

function splitField(field: string): [string, string] {
  const equals = field.indexOf('=');
  return equals === -1 ? [field, ''] : [field.slice(0, equals), field.slice(equals + 1)];
}

function flowOf(fields: Fields): Flow {
  return {
    localAddress: addressOf(fields, 'saddr'),
    localPort: numberOf(fields, 'sport') ?? 0,
    remoteAddress: addressOf(fields, 'daddr'),
    remotePort: numberOf(fields, 'dport') ?? 0,
  };
}

function listenerOf(fields: Fields): { address: string; port: number } {
  return { address: addressOf(fields, 'saddr'), port: numberOf(fields, 'sport') ?? 0 };
}

/** An IPv6 socket shows an IPv4 peer as `::ffff:10.0.1.2` (RFC 4291, section 2.5.5.2): the same address. */
function addressOf(fields: Fields, name: 'saddr' | 'daddr'): string {
  return (fields.get(`${name}4`) ?? fields.get(`${name}6`) ?? '').replace(/^::ffff:(?=\d+\.)/, '');
}

function numberOf(fields: Fields, name: string): number | null {
  const text = fields.get(name);
  return text === undefined ? null : Number(text);
}
