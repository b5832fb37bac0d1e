import type { Connection, MptcpEvent } from '../../protocol/evidence.ts';
import type { Topology } from '../../protocol/topology.ts';
import { connectionsFrom } from './connections.ts';

/**
 * The events of connections that the kernel has counted by some moment. It tells them a little later, and may have counted
 * further connections by then: those are of something new.
 */
export type LateEvents = {
  /** Whether this one was still to come. */
  take(event: MptcpEvent): boolean;
  /** Whether each connection has been told of. */
  areAllMade(): boolean;
  /** Whether each one was told to be closed, too. */
  isComplete(): boolean;
  connections(): Connection[];
};

/**
 * @param events told by that moment
 * @param missing so many connections were counted and not told of
 */
export function lateEvents(events: MptcpEvent[], missing: number, topology: Topology): LateEvents {
  const told = [...events];
  const open = new Set<string>();
  const note = (event: MptcpEvent) => {
    if (event.kind === 'created') open.add(event.token);
    if (event.kind === 'closed') open.delete(event.token);
  };
  events.forEach(note);
  let stillMissing = missing;

  return {
    take(event) {
      // The kernel tells of connections in the order in which it made them.
      const isNext = event.kind === 'created' && stillMissing > 0;
      if (isNext) stillMissing--;
      const isMine = isNext || ('token' in event && open.has(event.token));
      if (!isMine) return false;
      told.push(event);
      note(event);
      return true;
    },
    areAllMade: () => stillMissing <= 0,
    isComplete: () => stillMissing <= 0 && open.size === 0,
    connections: () => connectionsFrom(told, topology),
  };
}
