import type { RunnerEvent } from '../../../protocol/message.ts';
import { HOME_TOPOLOGY, type Topology } from '../../../protocol/topology.ts';
import type { SceneEvent } from '../run/scene.ts';
import type { Piece } from './reel.ts';

/** The packets of a tape, not decoded yet, and what is needed to put them in its time. */
export type PacketReel = {
  /** Records (protocol/packet/records.ts), at the time at which they were told of. */
  batches: Piece[];
  capture: CaptureState | null;
  topology: Topology;
  /** The client was started; it sent nothing before. */
  notBeforeMs: number;
  /** The kernel told of the first connection: its first packets were there. Null where it told of none. */
  firstByMs: number | null;
  /** When the tape ends: what was captured later belongs to it all the same. */
  endMs: number;
};

export type CaptureState = Extract<RunnerEvent, { type: 'capture' }>;

export function packetReel(events: SceneEvent[], batches: Piece[], endMs: number): PacketReel {
  const reel: PacketReel = {
    batches,
    capture: null,
    topology: HOME_TOPOLOGY,
    notBeforeMs: 0,
    firstByMs: null,
    endMs,
  };
  for (const event of events) {
    if (event.type === 'lab-opened') reel.topology = event.topology;
    if (event.type === 'capture') reel.capture = event;
    if (event.type === 'run-phase' && event.host === 'client' && event.phase === 'running') reel.notBeforeMs = event.at;
    if (event.type === 'mptcp-event' && event.host === 'client' && event.event.kind === 'created') reel.firstByMs ??= event.at;
  }
  return reel;
}

/**
 * What to add to the time of a packet, which is the wall clock's, for the time of the tape. No event tells both. A packet was
 * captured before it was told of, and the first one before the kernel told of its connection; none before the client ran.
 *
 * @param batches of each batch, when it was told of, and when its first and its last packet were captured
 */
export function clockOffsetMs(
  { notBeforeMs, firstByMs }: Pick<PacketReel, 'notBeforeMs' | 'firstByMs'>,
  batches: { at: number; firstMs: number; lastMs: number }[],
): number {
  const [first] = batches;
  if (first === undefined) return 0;
  const latest = Math.min(
    ...batches.map(({ at, lastMs }) => at - lastMs),
    ...(firstByMs === null ? [] : [firstByMs - first.firstMs]),
  );
  return Math.max(latest, notBeforeMs - first.firstMs);
}
