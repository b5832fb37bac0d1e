import type { Flow, MptcpEvent } from '../../../protocol/evidence.ts';
import { addressesOf, type Topology } from '../../../protocol/topology.ts';

/** A kernel's event in words; null for one that says nothing to a reader. */
export function tellEvent(event: MptcpEvent, topology: Topology): string | null {
  const over = (flow: Flow) => {
    const link = addressesOf(topology, 'client').find(({ address }) => address === flow.localAddress)?.link;
    const title = topology.links.find(({ name }) => name === link)?.title;
    return `${title === undefined ? '' : `over ${title}, `}${flow.localAddress} to ${flow.remoteAddress}`;
  };
  switch (event.kind) {
    case 'created':
      return `Connection 0x${event.token} begins ${over(event.flow)}`;
    case 'established':
      return `Connection 0x${event.token} is established`;
    case 'closed':
      return `Connection 0x${event.token} is closed`;
    case 'subflow-established':
      return `A ${event.backup ? 'backup ' : ''}subflow joins ${over(event.flow)}`;
    case 'subflow-closed':
      return `The subflow ${over(event.flow)} is closed${event.error === 0 ? '' : `, error ${event.error}`}`;
    case 'subflow-priority':
      return `The subflow ${over(event.flow)} is now ${event.backup ? 'a backup' : 'no backup'}`;
    case 'announced':
      return `The server announces ${event.address}${event.port === null ? '' : `, port ${event.port}`} (ADD_ADDR, number ${event.addressId})`;
    case 'removed':
      return `The server takes address number ${event.addressId} back (REMOVE_ADDR)`;
    case 'listener-created':
    case 'listener-closed':
      return null;
  }
}
