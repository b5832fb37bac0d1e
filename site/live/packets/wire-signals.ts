import type { DecodedPacket } from '../../../protocol/packet/decode.ts';
import type { MptcpOption } from '../../../protocol/packet/mptcp-option.ts';
import type { Topology } from '../../../protocol/topology.ts';
import { addressText } from '../network/announced.ts';
import { flowId } from '../network/flow-line.ts';
import { type Signal, type Told, withSignal } from '../network/signal.ts';
import { type Interfaces, linkOf } from './packet-words.ts';

/**
 * The signals in packets that the client captured, each on the link that it used. What comes again within a handshake, what
 * acknowledges (an echo), and what is part of data is none.
 */
export function wireSignals(packets: DecodedPacket[], interfaces: Interfaces, topology: Topology): Signal[] {
  const opened = new Set<string>();
  return packets.reduce<Signal[]>((signals, packet) => {
    const { ip, tcp, direction, mptcp } = packet;
    if (ip === null || tcp === null || direction === null || mptcp.length === 0) return signals;
    const from = direction === 'sent' ? ('client' as const) : ('server' as const);
    const [own, peer] = [
      { address: ip.source, port: tcp.sourcePort },
      { address: ip.destination, port: tcp.destinationPort },
    ];
    const [local, remote] = from === 'client' ? [own, peer] : [peer, own];
    const flow = flowId({
      localAddress: local.address,
      localPort: local.port,
      remoteAddress: remote.address,
      remotePort: remote.port,
    });
    const link = linkOf(packet, interfaces, topology)?.name ?? null;
    return mptcp
      .flatMap((option) => toldBy(option, flow))
      .reduce((all, told) => {
        const isBeginning = told.option === 'MP_CAPABLE' || told.option === 'MP_JOIN';
        // A SYN that is sent again says nothing new.
        if (isBeginning && opened.has(flow)) return all;
        if (isBeginning) opened.add(flow);
        return withSignal(all, { ...told, from, link });
      }, signals);
  }, []);
}

function toldBy(option: MptcpOption, flow: string): Pick<Told, 'option' | 'says' | 'about'>[] {
  switch (option.subtype) {
    case 'MP_CAPABLE':
    case 'MP_JOIN':
      return option.form === 'syn' ? [{ option: option.subtype, says: '', about: flow }] : [];
    case 'ADD_ADDR': {
      const { address, port, addressId } = option;
      return option.echo ? [] : [{ option: 'ADD_ADDR', says: addressText(address, port), about: String(addressId) }];
    }
    case 'REMOVE_ADDR':
      return option.addressIds.map((id) => ({ option: 'REMOVE_ADDR', says: `number ${id}`, about: String(id) }));
    case 'MP_PRIO':
      return [{ option: 'MP_PRIO', says: option.backup ? 'backup' : 'no backup', about: flow }];
    case 'MP_TCPRST':
      return [{ option: 'MP_TCPRST', says: `reason ${option.reason}`, about: '' }];
    case 'MP_FASTCLOSE':
    case 'MP_FAIL':
      return [{ option: option.subtype, says: '', about: '' }];
    case 'DSS':
    case 'MP_EXPERIMENTAL':
    case 'unknown':
    case 'malformed':
      return [];
  }
}
