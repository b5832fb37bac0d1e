import { endText } from '../../../protocol/packet/address.ts';
import type { DecodedPacket } from '../../../protocol/packet/decode.ts';
import { flagsText, type OptionSummary, optionSummaries } from '../../../protocol/packet/summary.ts';
import type { Link, LinkName, Topology } from '../../../protocol/topology.ts';
import { formatBytes } from '../verdict/quantity.ts';

/** What a list tells of a packet. */
export type PacketWords = {
  /** Since the first packet of the list. */
  timeMs: string;
  link: { name: LinkName; title: string } | null;
  /** As seen from the client, which captured it. */
  arrow: '→' | '←' | '';
  toward: string;
  flags: string;
  /** Of the program's data; empty for none. */
  length: string;
  options: OptionSummary[];
  /** All of it, for who hears it. */
  spoken: string;
};

export type Interfaces = { index: number; name: string }[];

export function tellPacket(packet: DecodedPacket, firstMs: number, interfaces: Interfaces, topology: Topology): PacketWords {
  const timeMs = (packet.timeMs - firstMs).toFixed(1);
  const link = linkOf(packet, interfaces, topology);
  const { arrow, toward } = DIRECTIONS[packet.direction ?? 'unknown'];
  const flags = packet.tcp === null ? '' : flagsText(packet.tcp);
  const dataBytes = packet.payload?.bytes ?? 0;
  const length = dataBytes === 0 ? '' : formatBytes(dataBytes);
  const options = optionSummaries(packet);
  const spoken = [
    `${timeMs} ms`,
    link?.title ?? '',
    toward,
    flags,
    dataBytes === 0 ? '' : `${length} of data`,
    ...options.map(({ name, says }) => `${name} ${says}`),
  ];
  return {
    timeMs,
    link: link === null ? null : { name: link.name, title: link.title },
    arrow,
    toward,
    flags,
    length,
    options: options.map(({ name, says }) => ({ name, says: says.replaceAll('…', `…${WORD_JOINER}`) })),
    spoken: spoken.filter((piece) => piece !== '').join(', '),
  };
}

/** Keeps a line from being broken between an ellipsis and its digits. */
const WORD_JOINER = '\u2060';

const DIRECTIONS = {
  sent: { arrow: '→', toward: 'from the client' },
  received: { arrow: '←', toward: 'to the client' },
  unknown: { arrow: '', toward: '' },
} as const;

/** `10.0.1.2:41234 to 10.0.9.1:8262`. */
export function tellEnds({ ip, tcp }: DecodedPacket): string {
  if (ip === null) return 'Not an IP packet';
  if (tcp === null) return `${ip.source} to ${ip.destination}`;
  const source = endText({ address: ip.source, port: tcp.sourcePort });
  return `${source} to ${endText({ address: ip.destination, port: tcp.destinationPort })}`;
}

/** The link by whose interface the client captured it. */
export function linkOf({ link }: DecodedPacket, interfaces: Interfaces, topology: Topology): Link | null {
  if (link?.kind !== 'linux-cooked') return null;
  const name = interfaces.find(({ index }) => index === link.interfaceIndex)?.name;
  return topology.links.find(({ near }) => near.host === 'client' && near.interface === name) ?? null;
}
