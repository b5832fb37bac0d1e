import type { Flow, MptcpEvent } from '../../../protocol/evidence.ts';
import type { RunHost } from '../../../protocol/manifest.ts';
import { linkOfClientAddress, type Topology } from '../../../protocol/topology.ts';
import { addressText } from './announced.ts';
import { type FlowLine, mirrored } from './flow-line.ts';

/** A kernel's event in words; null for one that says nothing to a reader, or what the other host's kernel tells too. */
export function tellEvent(event: MptcpEvent, host: RunHost, topology: Topology): string | null {
  const over = (flow: Flow) => overLink(flow, topology);
  const other = host === 'client' ? 'server' : 'client';
  switch (event.kind) {
    case 'created':
      return host === 'server' ? null : `Connection 0x${event.token} begins ${over(event.flow)} (MP_CAPABLE)`;
    case 'established':
      return host === 'server' ? null : `Connection 0x${event.token} is established`;
    case 'closed':
      return host === 'server' ? null : `Connection 0x${event.token} is closed`;
    case 'subflow-established':
      return host === 'server' ? null : `A ${event.backup ? 'backup ' : ''}subflow joins ${over(event.flow)} (MP_JOIN)`;
    case 'subflow-closed':
      return host === 'server' ? null : `The subflow ${over(event.flow)} is closed${whyClosed(event)}`;
    case 'subflow-priority': {
      const flow = host === 'client' ? event.flow : mirrored(event.flow);
      return `The ${other} makes the subflow ${over(flow)} ${event.backup ? 'a backup' : 'no backup'} (MP_PRIO)`;
    }
    case 'announced':
      return `The ${other} announces ${addressText(event.address, event.port)} (ADD_ADDR, number ${event.addressId})`;
    case 'removed':
      return `The ${other} takes address number ${event.addressId} back (REMOVE_ADDR)`;
    case 'listener-created':
    case 'listener-closed':
      return null;
    case 'other':
      return `The kernel tells ${event.name}, which is not explained here`;
  }
}

function whyClosed({ error, resetReason }: Extract<MptcpEvent, { kind: 'subflow-closed' }>): string {
  if (resetReason !== null) return `, reset by the server (MP_TCPRST, reason ${resetReason})`;
  return error === 0 ? '' : `, error ${error}`;
}

/** What a list of flows tells beyond events: null where the line is as it was before. */
export function tellStale({ state, flow }: FlowLine, before: FlowLine['state'] | undefined, topology: Topology): string | null {
  if (flow === null || state === before) return null;
  if (state === 'stale') return `The subflow ${overLink(flow, topology)} is stale: nobody answers there`;
  if (before === 'stale' && state === 'established') return `The subflow ${overLink(flow, topology)} is answered again`;
  return null;
}

/** "over Wi-Fi, 10.0.1.2 to 10.0.9.1" */
function overLink({ localAddress, remoteAddress }: Flow, topology: Topology): string {
  const link = linkOfClientAddress(topology, localAddress);
  const title = topology.links.find(({ name }) => name === link)?.title;
  return `${title === undefined ? '' : `over ${title}, `}${localAddress} to ${remoteAddress}`;
}
