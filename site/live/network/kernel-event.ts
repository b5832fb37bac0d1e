import type { Flow, MptcpEvent } from '../../../protocol/evidence.ts';
import type { RunHost } from '../../../protocol/manifest.ts';
import { linkOfClientAddress, type Topology } from '../../../protocol/topology.ts';
import { type Announced, addressText, withAnnounced, withoutAnnounced } from './announced.ts';
import { backupFor, type FlowLine, flowId, mirrored, withFlow } from './flow-line.ts';
import { type Signal, type Told, withSignal } from './signal.ts';

/** What events of the kernel change in a story. */
export type KernelTold = { topology: Topology; flows: FlowLine[]; announced: Announced[]; signals: Signal[] };

/** What becomes of it by one event. Flows are as the client sees them, whichever host tells of them. */
export function afterKernelEvent(before: KernelTold, host: RunHost, event: MptcpEvent): KernelTold {
  return host === 'client' ? afterClientEvent(before, event) : afterServerEvent(before, event);
}

function afterClientEvent(before: KernelTold, event: MptcpEvent): KernelTold {
  const { topology, flows } = before;
  const link = 'flow' in event ? linkOfClientAddress(topology, event.flow.localAddress) : null;
  const signal = (told: Pick<Told, 'option' | 'from'> & Partial<Told>) =>
    withSignal(before.signals, { says: '', about: '', link, ...told });
  switch (event.kind) {
    case 'created':
      return {
        ...before,
        flows: withFlow(flows, event.flow, { token: event.token, state: 'joining', began: 'MP_CAPABLE' }, topology),
        signals: signal({ option: 'MP_CAPABLE', from: 'client', about: flowId(event.flow) }),
      };
    case 'established':
      return { ...before, flows: withFlow(flows, event.flow, { token: event.token, state: 'established' }, topology) };
    case 'subflow-established': {
      const { token, flow, backup } = event;
      const asked = backupFor(flows, flow, 'server', backup);
      const now = { token, state: 'established', began: 'MP_JOIN' } as const;
      return {
        ...before,
        flows: withFlow(flows, flow, { ...now, backupFor: asked }, topology),
        signals: signal({ option: 'MP_JOIN', from: joinedBy(before, token, flow), about: flowId(flow) }),
      };
    }
    case 'subflow-priority':
      return {
        ...before,
        flows: withFlow(flows, event.flow, { backupFor: backupFor(flows, event.flow, 'server', event.backup) }, topology),
        signals: signal({ option: 'MP_PRIO', from: 'server', says: priorityWord(event.backup), about: flowId(event.flow) }),
      };
    case 'subflow-closed': {
      const ended = endedBy(event);
      const closed = withFlow(flows, event.flow, { token: event.token, state: 'closed', ended }, topology);
      if (event.resetReason === null) return { ...before, flows: closed };
      const told = { option: 'MP_TCPRST', from: 'server', says: `reason ${event.resetReason}` } as const;
      return { ...before, flows: closed, signals: signal(told) };
    }
    case 'closed':
      return { ...before, flows: flows.map((line) => (line.token === event.token ? { ...line, state: 'closed' } : line)) };
    case 'announced':
    case 'removed':
      return afterAddressEvent(before, 'server', event);
    case 'listener-created':
    case 'listener-closed':
    case 'other':
      return before;
  }
}

/** The server's kernel tells what the client asked it for: of its own requests the client's kernel says nothing. */
function afterServerEvent(before: KernelTold, event: MptcpEvent): KernelTold {
  switch (event.kind) {
    case 'subflow-established': {
      const flow = mirrored(event.flow);
      const asked = backupFor(before.flows, flow, 'client', event.backup);
      return { ...before, flows: withFlow(before.flows, flow, { backupFor: asked }, before.topology) };
    }
    case 'subflow-priority': {
      const flow = mirrored(event.flow);
      const link = linkOfClientAddress(before.topology, flow.localAddress);
      const says = priorityWord(event.backup);
      return {
        ...before,
        flows: withFlow(
          before.flows,
          flow,
          { backupFor: backupFor(before.flows, flow, 'client', event.backup) },
          before.topology,
        ),
        signals: withSignal(before.signals, { option: 'MP_PRIO', from: 'client', says, about: flowId(flow), link }),
      };
    }
    case 'announced':
    case 'removed':
      return afterAddressEvent(before, 'client', event);
    case 'created':
    case 'established':
    case 'subflow-closed':
    case 'closed':
    case 'listener-created':
    case 'listener-closed':
    case 'other':
      return before;
  }
}

type AddressEvent = Extract<MptcpEvent, { kind: 'announced' | 'removed' }>;

/** No event tells on which of its subflows the kernel sent it: the link stays unknown. */
function afterAddressEvent(before: KernelTold, from: RunHost, event: AddressEvent): KernelTold {
  const { addressId } = event;
  const about = String(addressId);
  if (event.kind === 'announced') {
    const { address } = event;
    const port = isOwnPort(before.flows, from, event.port) ? null : event.port;
    return {
      ...before,
      announced: withAnnounced(before.announced, { host: from, addressId, address, port }),
      signals: withSignal(before.signals, {
        option: 'ADD_ADDR',
        from,
        says: addressText(address, port),
        about,
        link: null,
      }),
    };
  }
  const known = before.announced.find((one) => one.host === from && one.addressId === addressId);
  const says = known === undefined ? `number ${addressId}` : addressText(known.address, known.port);
  return {
    ...before,
    announced: withoutAnnounced(before.announced, from, addressId),
    signals: withSignal(before.signals, { option: 'REMOVE_ADDR', from, says, about, link: null }),
  };
}

/** Where an address was announced without a port, the kernel tells the one of the connection. */
function isOwnPort(flows: FlowLine[], from: RunHost, port: number | null): boolean {
  return flows.some(({ flow, began }) => {
    return began === 'MP_CAPABLE' && flow !== null && port === (from === 'server' ? flow.remotePort : flow.localPort);
  });
}

/** Who joins goes to a port that it knows, that of the connection or an announced one, and takes a new one itself. */
function joinedBy({ flows, announced }: KernelTold, token: string, { remotePort }: Flow): RunHost {
  const first = flows.find((line) => line.token === token && line.began === 'MP_CAPABLE');
  const isKnown = first === undefined || first.flow?.remotePort === remotePort;
  return isKnown || announced.some(({ host, port }) => host === 'server' && port === remotePort) ? 'client' : 'server';
}

function priorityWord(backup: boolean): string {
  return backup ? 'backup' : 'no backup';
}

/** Names of errno(3) that the kernel gives to subflows. */
const ERRORS: Record<number, string> = { 103: 'aborted', 104: 'reset', 110: 'timed out', 111: 'refused', 113: 'no route' };

function endedBy({ error, resetReason }: Extract<MptcpEvent, { kind: 'subflow-closed' }>): string | null {
  if (resetReason !== null) return `MP_TCPRST, reason ${resetReason}`;
  return error === 0 ? null : (ERRORS[error] ?? `error ${error}`);
}
