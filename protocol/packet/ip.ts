import { ipv4Text, ipv6Text } from './address.ts';
import { fault, type Notes, note, type Part, partOf } from './field.ts';
import { hexNumber } from './hex.ts';

export type IpHeader = {
  version: 4 | 6;
  /** Byte offsets in the packet, with extension headers. */
  from: number;
  to: number;
  source: string;
  destination: string;
  /** The hop limit in IPv6. */
  timeToLive: number;
  /** The protocol number of what follows; 6 is TCP. */
  protocol: number;
  /** Where the payload ends by the header's own word; what was captured may end before. */
  payloadTo: number;
  /** A fragment that is not the first: what follows is no header. */
  laterFragment: boolean;
};

/** `null`, with a fault noted, when the bytes are no IP header or end within it. */
export function decodeIp(packet: Uint8Array, from: number, etherType: number, notes: Notes): IpHeader | null {
  if (etherType === 0x0800) return decodeIpv4(packet, from, notes);
  if (etherType === 0x86dd) return decodeIpv6(packet, from, notes);
  return null;
}

const PROTOCOLS: Record<number, string> = { 1: 'ICMP', 6: 'TCP', 17: 'UDP', 58: 'ICMPv6' };
const V4_MIN_BYTES = 20;

function decodeIpv4(packet: Uint8Array, from: number, notes: Notes): IpHeader | null {
  const whole = partOf(packet, from, packet.length, 'ip', 'RFC 791, 3.1', notes);
  if (tooShort(whole, V4_MIN_BYTES, 'IPv4 header')) return null;
  const first = whole.view.getUint8(0);
  const headerBytes = (first & 0x0f) * 4;
  if (first >> 4 !== 4 || headerBytes < V4_MIN_BYTES) {
    fault(whole, 'IPv4 header', 'version 4 and a length of at least 20', `version ${first >> 4} and a length of ${headerBytes}`);
    return null;
  }
  if (tooShort(whole, headerBytes, 'IPv4 header')) return null;
  const part = partOf(packet, from, from + headerBytes, 'ip', 'RFC 791, 3.1', notes);
  const { view } = part;
  const totalBytes = view.getUint16(2);
  const fragment = view.getUint16(6);
  const protocol = view.getUint8(9);
  const header: IpHeader = {
    version: 4,
    from,
    to: from + headerBytes,
    source: ipv4Text(view, 12),
    destination: ipv4Text(view, 16),
    timeToLive: view.getUint8(8),
    protocol,
    // A sender that leaves cutting to its network card writes 0 where the length does not fit.
    payloadTo: from + (totalBytes === 0 ? whole.view.byteLength : Math.max(totalBytes, headerBytes)),
    laterFragment: (fragment & 0x1fff) !== 0,
  };
  note(part, 'Version', 0, 1, 4, 'IP version 4.', 0xf0);
  note(part, 'Header length', 0, 1, `${headerBytes} bytes`, 'Where the header ends, counted in words of four bytes.', 0x0f);
  note(part, 'Type of service', 1, 1, `0x${hexNumber(view.getUint8(1), 1)}`, 'How the packet wants to be treated on its way.');
  note(part, 'Total length', 2, 2, `${totalBytes} bytes`, 'Header and payload together.');
  note(part, 'Identification', 4, 2, view.getUint16(4), 'Tells which fragments belong together.');
  note(part, 'Flags', 6, 1, fragmentFlags(fragment), 'Whether the packet may be cut, and whether more pieces follow.', 0xe0);
  note(part, 'Fragment offset', 6, 2, (fragment & 0x1fff) * 8, 'Where this piece belongs in the whole.', 0x1fff);
  note(part, 'Time to live', 8, 1, header.timeToLive, 'Each router takes one away; at 0 the packet is thrown away.');
  note(part, 'Protocol', 9, 1, protocolText(protocol), 'What follows this header.');
  note(part, 'Header checksum', 10, 2, `0x${hexNumber(view.getUint16(10), 2)}`, 'Protects this header.');
  note(part, 'Source address', 12, 4, header.source, 'Who sent the packet. Each subflow has addresses of its own.');
  note(part, 'Destination address', 16, 4, header.destination, 'Who shall get the packet.');
  if (headerBytes > V4_MIN_BYTES) {
    note(part, 'Options', V4_MIN_BYTES, headerBytes - V4_MIN_BYTES, `${headerBytes - V4_MIN_BYTES} bytes`, 'Options of IPv4.');
  }
  return header;
}

function fragmentFlags(fragment: number): string {
  const names = [fragment & 0x4000 ? 'do not fragment' : null, fragment & 0x2000 ? 'more fragments' : null];
  return names.filter((name) => name !== null).join(', ') || 'none';
}

const V6_BYTES = 40;
/** Hop-by-hop, routing, destination options, mobility, HIP, shim6: all have their length in their second byte (RFC 6564). */
const EXTENSIONS: Record<number, string> = {
  0: 'Hop-by-Hop Options',
  43: 'Routing',
  60: 'Destination Options',
  135: 'Mobility',
  139: 'Host Identity Protocol',
  140: 'Shim6',
};
const FRAGMENT = 44;
const AUTHENTICATION = 51;

function decodeIpv6(packet: Uint8Array, from: number, notes: Notes): IpHeader | null {
  const whole = partOf(packet, from, packet.length, 'ip', 'RFC 8200, 3', notes);
  if (tooShort(whole, V6_BYTES, 'IPv6 header')) return null;
  const part = partOf(packet, from, from + V6_BYTES, 'ip', 'RFC 8200, 3', notes);
  const { view } = part;
  const first = view.getUint32(0);
  if (first >>> 28 !== 6) {
    fault(part, 'IPv6 header', 'version 6', `version ${first >>> 28}`);
    return null;
  }
  const payloadBytes = view.getUint16(4);
  const protocol = view.getUint8(6);
  const header: IpHeader = {
    version: 6,
    from,
    to: from + V6_BYTES,
    source: ipv6Text(view, 8),
    destination: ipv6Text(view, 24),
    timeToLive: view.getUint8(7),
    protocol,
    // 0 stands for a length beyond 65,535 (RFC 2675), which a sender that leaves cutting to its card may write.
    payloadTo: payloadBytes === 0 ? packet.length : from + V6_BYTES + payloadBytes,
    laterFragment: false,
  };
  note(part, 'Version', 0, 1, 6, 'IP version 6.', 0xf0);
  note(part, 'Traffic class', 0, 2, `0x${hexNumber((first >>> 20) & 0xff, 1)}`, 'How the packet wants to be treated.', 0x0ff0);
  note(part, 'Flow label', 1, 3, `0x${(first & 0xfffff).toString(16)}`, 'The same for all packets of one subflow.', 0x0fffff);
  note(part, 'Payload length', 4, 2, `${payloadBytes} bytes`, 'What follows this header.');
  note(part, 'Next header', 6, 1, protocolText(protocol), 'What follows this header.');
  note(part, 'Hop limit', 7, 1, header.timeToLive, 'Each router takes one away; at 0 the packet is thrown away.');
  note(part, 'Source address', 8, 16, header.source, 'Who sent the packet. Each subflow has addresses of its own.');
  note(part, 'Destination address', 24, 16, header.destination, 'Who shall get the packet.');
  return skipExtensions(packet, header, notes);
}

/** Each extension header is at least eight bytes long, so this ends. */
function skipExtensions(packet: Uint8Array, fixed: IpHeader, notes: Notes): IpHeader | null {
  const header = { ...fixed };
  for (;;) {
    const { to: from, protocol } = header;
    const name = extensionName(protocol);
    if (name === null || header.laterFragment) return header;
    const rest = partOf(packet, from, packet.length, 'ip', 'RFC 8200, 4', notes);
    if (tooShort(rest, 8, `${name} header`)) return null;
    const bytes = extensionBytes(protocol, rest.view.getUint8(1));
    if (tooShort(rest, bytes, `${name} header`)) return null;
    const part = partOf(packet, from, from + bytes, 'ip', 'RFC 8200, 4', notes);
    header.protocol = part.view.getUint8(0);
    header.to = from + bytes;
    header.laterFragment = protocol === FRAGMENT && part.view.getUint16(2) >> 3 !== 0;
    note(part, 'Next header', 0, 1, protocolText(header.protocol), 'What follows this extension header.');
    note(part, `${name} header`, 1, bytes - 1, `${bytes} bytes`, 'An extension of the IPv6 header.');
  }
}

function extensionName(protocol: number): string | null {
  if (protocol === FRAGMENT) return 'Fragment';
  if (protocol === AUTHENTICATION) return 'Authentication';
  return EXTENSIONS[protocol] ?? null;
}

function extensionBytes(protocol: number, lengthField: number): number {
  if (protocol === FRAGMENT) return 8;
  // RFC 4302, 2.2: in words of four bytes, minus 2; RFC 8200, 4.3: in words of eight, without the first.
  return protocol === AUTHENTICATION ? Math.max(8, (lengthField + 2) * 4) : (lengthField + 1) * 8;
}

function protocolText(protocol: number): string {
  const name = PROTOCOLS[protocol] ?? extensionName(protocol);
  return name === null ? String(protocol) : `${protocol} (${name})`;
}

function tooShort(part: Part, bytes: number, name: string): boolean {
  if (part.view.byteLength >= bytes) return false;
  fault(part, name, `${bytes} bytes`, `${part.view.byteLength} in the capture`);
  return true;
}
