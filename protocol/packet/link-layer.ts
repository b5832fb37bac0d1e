import { type Notes, note, type Part, partOf } from './field.ts';
import { hexNumber } from './hex.ts';
import { LINK_TYPES } from './pcap.ts';

/** Who sent a packet, as seen from the host that captured it. */
export type Direction = 'sent' | 'received';

export type LinkHeader =
  | { kind: 'ethernet'; from: number; to: number; destination: string; source: string }
  | { kind: 'linux-cooked'; from: number; to: number; interfaceIndex: number; direction: Direction | null }
  | { kind: 'raw'; from: number; to: number };

/** What the link layer says of its payload: where it begins, and which EtherType it is. */
export type LinkLayer = { header: LinkHeader; etherType: number; payloadFrom: number };

const ETHER_TYPES = { ipv4: 0x0800, ipv6: 0x86dd, vlan: 0x8100 } as const;

/** `null`, with a fault noted, when the packet is too short or its link type is not known. */
export function decodeLinkLayer(packet: Uint8Array, linkType: number, notes: Notes): LinkLayer | null {
  switch (linkType) {
    case LINK_TYPES.linuxCooked2:
      return linuxCooked(packet, notes);
    case LINK_TYPES.ethernet:
      return ethernet(packet, notes);
    case LINK_TYPES.raw:
      return raw(packet);
    default:
      notes.faults.push({
        layer: 'link',
        name: 'link type',
        from: 0,
        to: 0,
        expected: 'Ethernet (1), raw IP (101) or Linux cooked v2 (276)',
        found: String(linkType),
      });
      return null;
  }
}

const COOKED_BYTES = 20;
const COOKED_SECTION = 'LINKTYPE_LINUX_SLL2, tcpdump.org';
const PACKET_TYPES: Record<number, { value: string; direction: Direction | null; meaning: string }> = {
  0: { value: 'to us', direction: 'received', meaning: 'The packet came in and was meant for this host.' },
  1: { value: 'broadcast', direction: 'received', meaning: 'The packet came in and was meant for everyone.' },
  2: { value: 'multicast', direction: 'received', meaning: 'The packet came in and was meant for a group.' },
  3: { value: 'to another host', direction: null, meaning: 'The packet was meant for another host.' },
  4: { value: 'from us', direction: 'sent', meaning: 'This host sent the packet.' },
};

/** What `tcpdump -i any` writes: no Ethernet header, but the interface and the direction. */
function linuxCooked(packet: Uint8Array, notes: Notes): LinkLayer | null {
  if (!fits(packet, COOKED_BYTES, 'Linux cooked header', notes)) return null;
  const part = partOf(packet, 0, COOKED_BYTES, 'link', COOKED_SECTION, notes);
  const etherType = part.view.getUint16(0);
  const interfaceIndex = part.view.getUint32(4);
  const type = part.view.getUint8(10);
  const { value, direction, meaning } = PACKET_TYPES[type] ?? { value: String(type), direction: null, meaning: 'Not known.' };
  noteEtherType(part, 0, etherType);
  note(part, 'Reserved', 2, 2, `0x${hexNumber(part.view.getUint16(2), 2)}`, 'Not used.');
  note(part, 'Interface index', 4, 4, interfaceIndex, 'The number that the host gives to the interface, as "ip link" shows it.');
  note(part, 'ARPHRD type', 8, 2, part.view.getUint16(8), 'The kind of interface; 1 is Ethernet, 772 the loopback interface.');
  note(part, 'Packet type', 10, 1, value, meaning);
  note(part, 'Address length', 11, 1, part.view.getUint8(11), 'How many bytes of the next field count.');
  note(part, 'Sender’s link address', 12, 8, macText(part, 12), 'The hardware address of the sender on this link.');
  return {
    header: { kind: 'linux-cooked', from: 0, to: COOKED_BYTES, interfaceIndex, direction },
    etherType,
    payloadFrom: COOKED_BYTES,
  };
}

const ETHERNET_BYTES = 14;
const VLAN_BYTES = 4;

function ethernet(packet: Uint8Array, notes: Notes): LinkLayer | null {
  if (!fits(packet, ETHERNET_BYTES, 'Ethernet header', notes)) return null;
  const tagged =
    packet.length >= ETHERNET_BYTES + VLAN_BYTES &&
    new DataView(packet.buffer, packet.byteOffset).getUint16(12) === ETHER_TYPES.vlan;
  const to = tagged ? ETHERNET_BYTES + VLAN_BYTES : ETHERNET_BYTES;
  const part = partOf(packet, 0, to, 'link', 'IEEE 802.3, 3.2', notes);
  const [destination, source] = [macText(part, 0), macText(part, 6)];
  note(part, 'Destination', 0, 6, destination, 'The hardware address that the packet is for.');
  note(part, 'Source', 6, 6, source, 'The hardware address of the sender on this link.');
  if (tagged) note(part, 'VLAN tag', 12, VLAN_BYTES, part.view.getUint16(14) & 0xfff, 'The number of the virtual network.');
  const etherType = part.view.getUint16(to - 2);
  noteEtherType(part, to - 2, etherType);
  return { header: { kind: 'ethernet', from: 0, to, destination, source }, etherType, payloadFrom: to };
}

/** No link header at all: the version is in the first four bits. */
function raw(packet: Uint8Array): LinkLayer {
  const version = (packet[0] ?? 0) >> 4;
  return {
    header: { kind: 'raw', from: 0, to: 0 },
    etherType: version === 6 ? ETHER_TYPES.ipv6 : ETHER_TYPES.ipv4,
    payloadFrom: 0,
  };
}

function fits(packet: Uint8Array, bytes: number, name: string, { faults }: Notes): boolean {
  if (packet.length >= bytes) return true;
  faults.push({ layer: 'link', name, from: 0, to: packet.length, expected: `${bytes} bytes`, found: `${packet.length}` });
  return false;
}

function noteEtherType(part: Part, offset: number, etherType: number): void {
  const name = etherType === ETHER_TYPES.ipv4 ? 'IPv4' : etherType === ETHER_TYPES.ipv6 ? 'IPv6' : 'other';
  note(part, 'EtherType', offset, 2, `0x${hexNumber(etherType, 2)} (${name})`, 'Which protocol follows.');
}

function macText({ view }: Part, offset: number): string {
  return Array.from({ length: 6 }, (_, index) => hexNumber(view.getUint8(offset + index), 1)).join(':');
}
