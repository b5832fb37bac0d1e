import type { DecodedPacket } from './decode.ts';
import { hexNumber } from './hex.ts';
import type { Dss, MptcpOption } from './mptcp-option.ts';
import type { TcpHeader } from './tcp.ts';

/** Shows all packets with a Multipath TCP option, as a display filter of Wireshark and tshark (wireshark-filter(4)). */
export const WIRESHARK_FILTER = 'tcp.option_kind == 30';

/** `SYN+ACK`, in the order in which people say them; empty for a header without any. */
export function flagsText({ flags }: TcpHeader): string {
  const names: [boolean, string][] = [
    [flags.syn, 'SYN'],
    [flags.fin, 'FIN'],
    [flags.rst, 'RST'],
    [flags.psh, 'PSH'],
    [flags.urg, 'URG'],
    [flags.ece, 'ECE'],
    [flags.cwr, 'CWR'],
    [flags.ack, 'ACK'],
  ];
  return names.flatMap(([set, name]) => (set ? [name] : [])).join('+');
}

/** An option in a list of packets: its name, and in a few words what it says. */
export type OptionSummary = { name: string; says: string };

/** One for each Multipath TCP option of a packet, in order. */
export function optionSummaries({ mptcp }: DecodedPacket): OptionSummary[] {
  return mptcp.map((option) => ({ name: nameOf(option), says: saysOf(option) }));
}

function nameOf(option: MptcpOption): string {
  if (option.subtype === 'malformed') return option.name;
  if (option.subtype === 'unknown') return `subtype ${option.number}`;
  return option.subtype === 'MP_CAPABLE' && option.version !== 1 ? `MP_CAPABLE v${option.version}` : option.subtype;
}

function saysOf(option: MptcpOption): string {
  switch (option.subtype) {
    case 'MP_CAPABLE':
      if (option.form === 'syn') return 'asks for Multipath TCP';
      if (option.form === 'syn-ack') return 'agrees, with its key';
      if (option.form === 'ack') return 'confirms, with both keys';
      if (option.form === 'data') return `confirms, with both keys and ${option.dataLength} bytes of data`;
      return 'is of a version that is not known';
    case 'MP_JOIN':
      if (option.form === 'syn') return `asks to join connection 0x${option.receiverToken}${option.backup ? ' as a backup' : ''}`;
      return option.form === 'syn-ack' ? 'agrees, and proves that it knows the keys' : 'proves that it knows the keys';
    case 'DSS':
      return saysOfDss(option);
    case 'ADD_ADDR': {
      const address = `${option.address}${option.port === null ? '' : ` port ${option.port}`}`;
      return option.echo ? `has heard of ${address}` : `announces ${address} as address ${option.addressId}`;
    }
    case 'REMOVE_ADDR':
      return `takes back address ${option.addressIds.join(', ')}`;
    case 'MP_PRIO':
      return option.backup ? 'makes this subflow a backup' : 'makes this subflow a regular one';
    case 'MP_FAIL':
      return `found a wrong checksum at ${short(option.dataSequence)}`;
    case 'MP_FASTCLOSE':
      return 'ends the whole connection at once';
    case 'MP_TCPRST':
      return `resets this subflow: ${option.reasonName}`;
    case 'MP_EXPERIMENTAL':
      return 'is an experiment';
    case 'unknown':
      return 'is not assigned';
    case 'malformed':
      return `is malformed: expected ${option.expected}, found ${option.found}`;
  }
}

function saysOfDss({ dataAck, dataFin, mapping }: Dss): string {
  const parts: string[] = [];
  if (mapping?.length === 0) parts.push('goes on as plain TCP');
  const dataBytes = mapping === null ? 0 : mapping.length - (dataFin ? 1 : 0);
  if (mapping !== null && dataBytes > 0) parts.push(`${dataBytes} bytes at ${short(mapping.dataSequence)}`);
  if (dataFin) parts.push('no more data for the connection');
  if (dataAck !== null) parts.push(`waits for ${short(dataAck.value)}`);
  return parts.join(', ') || 'says nothing';
}

/** The last four digits in hexadecimal: what moves, of a number that begins anywhere. */
function short(sequence: bigint): string {
  return `…${hexNumber(sequence & 0xffffn, 2)}`;
}
