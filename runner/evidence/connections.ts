import type { Connection, Flow, MptcpEvent, Subflow } from '../../protocol/evidence.ts';
import { linkOfClientAddress, type Topology } from '../../protocol/topology.ts';

/** What the client's events say about its connections, in the order in which they were made. */
export function connectionsFrom(events: MptcpEvent[], topology: Topology): Connection[] {
  const connections = new Map<string, Connection>();

  for (const event of events) {
    switch (event.kind) {
      case 'created':
        connections.set(event.token, {
          token: event.token,
          closed: false,
          subflows: [subflowOf(event.flow, 'initial', false, topology)],
        });
        break;
      case 'subflow-established':
        connections.get(event.token)?.subflows.push(subflowOf(event.flow, 'joined', event.backup, topology));
        break;
      case 'subflow-closed':
        for (const subflow of connections.get(event.token)?.subflows ?? []) {
          if (!sameFlow(subflow.flow, event.flow)) continue;
          subflow.state = 'closed';
          subflow.error = event.error === 0 ? null : event.error;
          subflow.resetReason = event.resetReason;
        }
        break;
      case 'subflow-priority':
        for (const subflow of connections.get(event.token)?.subflows ?? []) {
          if (sameFlow(subflow.flow, event.flow)) subflow.backup = event.backup;
        }
        break;
      case 'closed': {
        const connection = connections.get(event.token);
        if (connection === undefined) break;
        connection.closed = true;
        for (const subflow of connection.subflows) subflow.state = 'closed';
        break;
      }
      case 'established':
      case 'announced':
      case 'removed':
      case 'listener-created':
      case 'listener-closed':
      case 'other':
        break;
    }
  }
  return [...connections.values()];
}

function subflowOf(flow: Flow, role: Subflow['role'], backup: boolean, topology: Topology): Subflow {
  const link = linkOfClientAddress(topology, flow.localAddress);
  return { flow, role, backup, state: 'established', error: null, resetReason: null, link };
}

function sameFlow(a: Flow, b: Flow): boolean {
  return (
    a.localAddress === b.localAddress &&
    a.localPort === b.localPort &&
    a.remoteAddress === b.remoteAddress &&
    a.remotePort === b.remotePort
  );
}
