import type { Fault, Field, Notes } from './field.ts';
import { decodeIp, type IpHeader } from './ip.ts';
import { type Direction, decodeLinkLayer, type LinkHeader } from './link-layer.ts';
import type { MptcpOption } from './mptcp-option.ts';
import type { CapturedPacket } from './pcap.ts';
import { decodeTcp, type TcpHeader } from './tcp.ts';

/** A packet taken apart. What is `null` was not there, or could not be decoded: then `faults` says why. */
export type DecodedPacket = {
  /** Since 1970, with a fraction: exact to the microsecond. */
  timeMs: number;
  wireBytes: number;
  bytes: Uint8Array;
  link: LinkHeader | null;
  direction: Direction | null;
  ip: IpHeader | null;
  tcp: TcpHeader | null;
  mptcp: MptcpOption[];
  /** Data of the program: how much there was, and where in `bytes` stands what was captured of it. */
  payload: { bytes: number; from: number; to: number } | null;
  fields: Field[];
  faults: Fault[];
};

const TCP = 6;

/** Decodes one packet of a capture. Never throws and never reads outside of `packet.bytes`, whatever is in them. */
export function decodePacket(packet: CapturedPacket, linkType: number): DecodedPacket {
  const { bytes } = packet;
  const notes: Notes = { fields: [], faults: [] };
  const link = decodeLinkLayer(bytes, linkType, notes);
  const ip = link === null ? null : decodeIp(bytes, link.payloadFrom, link.etherType, notes);
  // What lies beyond the end of the IP packet is padding of the link.
  const ipBytes = ip === null ? bytes : bytes.subarray(0, Math.min(bytes.length, ip.payloadTo));
  const decoded = ip?.protocol === TCP && !ip.laterFragment && ip.to <= ipBytes.length ? decodeTcp(ipBytes, ip.to, notes) : null;
  return {
    timeMs: packet.seconds * 1_000 + packet.nanoseconds / 1e6,
    wireBytes: packet.wireBytes,
    bytes,
    link: link?.header ?? null,
    direction: link?.header.kind === 'linux-cooked' ? link.header.direction : null,
    ip,
    tcp: decoded?.tcp ?? null,
    mptcp: decoded?.mptcp ?? [],
    payload: ip === null || decoded === null ? null : payloadOf(packet, ip, decoded.tcp, ipBytes.length),
    ...notes,
  };
}

/** The captured bytes may end before the payload does; the lengths on the wire tell how much there was. */
function payloadOf(packet: CapturedPacket, ip: IpHeader, tcp: TcpHeader, capturedTo: number): DecodedPacket['payload'] {
  const cutOff = packet.wireBytes - packet.bytes.length;
  const end = ip.payloadTo === packet.bytes.length && cutOff > 0 ? packet.wireBytes : Math.min(ip.payloadTo, packet.wireBytes);
  return { bytes: Math.max(0, end - tcp.to), from: tcp.to, to: Math.max(tcp.to, capturedTo) };
}
