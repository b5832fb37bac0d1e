import type { DecodedPacket } from '../../../protocol/packet/decode.ts';
import { hexNumber } from '../../../protocol/packet/hex.ts';
import type { CapableFlags, MptcpOption } from '../../../protocol/packet/mptcp-option.ts';
import type { TcpFlags } from '../../../protocol/packet/tcp.ts';
import type { Seen } from './tshark.ts';

/** What our decoder says of a packet, in the names and the notation of tshark(1). */
export function asTshark(packet: DecodedPacket): Seen {
  const { link, ip, tcp, payload, mptcp, wireBytes } = packet;
  const seen = new Map<string, string[]>();
  const add = (name: string, value: number | bigint | string | boolean) => {
    const text = typeof value === 'boolean' ? String(Number(value)) : String(value);
    seen.set(name, [...(seen.get(name) ?? []), text]);
  };
  add('frame.len', wireBytes);
  if (link?.kind === 'linux-cooked') {
    add('sll.ifindex', link.interfaceIndex);
    add('sll.pkttype', link.direction === 'sent' ? 4 : 0);
  }
  if (ip !== null) {
    const prefix = ip.version === 4 ? 'ip' : 'ipv6';
    add(`${prefix}.src`, ip.source);
    add(`${prefix}.dst`, ip.destination);
    add(ip.version === 4 ? 'ip.ttl' : 'ipv6.hlim', ip.timeToLive);
  }
  if (tcp !== null) {
    add('tcp.srcport', tcp.sourcePort);
    add('tcp.dstport', tcp.destinationPort);
    add('tcp.seq_raw', tcp.sequence);
    add('tcp.ack_raw', tcp.acknowledgment);
    add('tcp.flags', `0x${hexNumber(flagBits(tcp.flags), 2)}`);
    add('tcp.window_size_value', tcp.window);
    add('tcp.hdr_len', tcp.to - tcp.from);
    add('tcp.len', payload?.bytes ?? -1);
    for (const { kind } of tcp.options) add('tcp.option_kind', kind);
  }
  for (const option of mptcp) addOption(option, (name, value) => add(`tcp.options.mptcp.${name}`, value));
  return Object.fromEntries([...seen].map(([name, values]) => [name, values.join(';')]));
}

const FLAG_BITS: [keyof TcpFlags, number][] = [
  ['fin', 1],
  ['syn', 2],
  ['rst', 4],
  ['psh', 8],
  ['ack', 16],
  ['urg', 32],
  ['ece', 64],
  ['cwr', 128],
];

function flagBits(flags: TcpFlags): number {
  return FLAG_BITS.reduce((bits, [name, bit]) => bits + (flags[name] ? bit : 0), 0);
}

type Add = (name: string, value: number | bigint | string | boolean) => void;

/** tshark shows keys, HMACs of 8 bytes, tokens and random numbers as decimal numbers. */
function decimal(digits: string): bigint {
  return BigInt(`0x${digits}`);
}

function addOption(option: MptcpOption, add: Add): void {
  switch (option.subtype) {
    case 'MP_CAPABLE':
      add('subtype', 0);
      add('version', option.version);
      addCapableFlags(option.flags, add);
      if ('senderKey' in option) add('sendkey', decimal(option.senderKey));
      if ('receiverKey' in option) add('recvkey', decimal(option.receiverKey));
      if (option.form === 'data') {
        add('datalvllen', option.dataLength);
        if (option.checksum !== null) add('checksum', `0x${hexNumber(option.checksum, 2)}`);
      }
      break;
    case 'MP_JOIN':
      add('subtype', 1);
      if (option.form === 'ack') {
        add('reserved', '0x0000');
        add('sendhmac', option.hmac);
        break;
      }
      add('flags', option.backup ? '0x11' : '0x10');
      add('backup.flag', option.backup);
      add('addrid', option.addressId);
      if (option.form === 'syn') add('recvtok', decimal(option.receiverToken));
      else add('sendtrunchmac', decimal(option.truncatedHmac));
      add('sendrand', decimal(option.senderRandom));
      break;
    case 'DSS': {
      const { dataFin, dataAck, mapping } = option;
      const bits = [dataAck !== null, dataAck?.bytes === 8, mapping !== null, mapping?.bytes === 8, dataFin];
      add('subtype', 2);
      add('flags', `0x${hexNumber(Number.parseInt(bits.map(Number).reverse().join(''), 2), 1)}`);
      add('datafin.flag', dataFin);
      add('dseqn8.flag', mapping?.bytes === 8);
      add('dseqnpresent.flag', mapping !== null);
      add('dataack8.flag', dataAck?.bytes === 8);
      add('dataackpresent.flag', dataAck !== null);
      if (dataAck !== null) add('rawdataack', dataAck.value);
      if (mapping === null) break;
      add('rawdataseqno', mapping.dataSequence);
      add('subflowseqno', mapping.subflowSequence);
      add('datalvllen', mapping.length);
      if (mapping.checksum !== null) add('checksum', `0x${hexNumber(mapping.checksum, 2)}`);
      break;
    }
    case 'ADD_ADDR':
      add('subtype', 3);
      add('echo', option.echo);
      add('addrid', option.addressId);
      add(option.address.includes(':') ? 'ipv6' : 'ipv4', option.address);
      if (option.port !== null) add('port', option.port);
      if (option.hmac !== null) add('addaddrtrunchmac', decimal(option.hmac));
      break;
    case 'REMOVE_ADDR':
      add('subtype', 4);
      for (const id of option.addressIds) add('addrid', id);
      break;
    case 'MP_PRIO':
      add('subtype', 5);
      add('flags', option.backup ? '0x51' : '0x50');
      add('backup.flag', option.backup);
      break;
    case 'MP_FAIL':
      add('subtype', 6);
      add('reserved', '0x0000');
      add('rawdataseqno', option.dataSequence);
      break;
    case 'MP_FASTCLOSE':
      add('subtype', 7);
      add('reserved', '0x0000');
      add('recvkey', decimal(option.receiverKey));
      break;
    case 'MP_TCPRST':
      add('subtype', 8);
      add('flags', `0x8${Number(option.transient)}`);
      for (const flag of ['U', 'V', 'W']) add(`flag_${flag}.flag`, 0);
      add('flag_T.flag', option.transient);
      add('rst_reason', `0x${hexNumber(option.reason, 1)}`);
      break;
    case 'MP_EXPERIMENTAL':
    case 'unknown':
    case 'malformed':
      throw new Error(`Expected options that Linux sends, found ${JSON.stringify(option)}`);
  }
}

function addCapableFlags({ checksumRequired, extensibility, noMoreSubflows, hmacSha256 }: CapableFlags, add: Add): void {
  const bits =
    Number(checksumRequired) * 0x80 + Number(extensibility) * 0x40 + Number(noMoreSubflows) * 0x20 + Number(hmacSha256);
  add('flags', `0x${hexNumber(bits, 1)}`);
  add('checksumreq.flags', checksumRequired);
  add('extensibility.flag', extensibility);
  add('nomoresubflows.flag', noMoreSubflows);
  add('reserved.flag', '0x00');
  add('sha256.flag', hmacSha256);
}
