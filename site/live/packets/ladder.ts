import { endText } from '../../../protocol/packet/address.ts';
import type { Side, TrackedFlow, TrackedSubflow, Traffic } from '../../../protocol/packet/connections.ts';

/** One subflow as a ladder between client and server. */
export type Ladder = {
  title: string;
  ends: string;
  /** Of what begins, changes or ends it; `packet` as a position in the list. */
  steps: { packet: number; from: Side }[];
  /** Steps beyond the limit. */
  more: number;
};

/** What a ladder can show without becoming a second list. */
export const MAX_STEPS = 12;
export const MAX_LADDERS = 12;

/** Pure. `isControl` tells of the packet at that position whether it is more than data. */
export function laddersOf({ connections, plain }: Traffic, isControl: (packet: number) => boolean): Ladder[] {
  const ofSubflows = connections.flatMap(({ subflows, tokens }) =>
    subflows.map((subflow) => ladderOf(titleOf(subflow, tokens.client ?? tokens.server), subflow, subflow.openedBy, isControl)),
  );
  const ofPlain = plain.map((flow) =>
    ladderOf(flow.offered ? 'Plain TCP: Multipath TCP was asked for in vain' : 'Plain TCP', flow, 'client', isControl),
  );
  return [...ofSubflows, ...ofPlain].filter(({ steps }) => steps.length > 0);
}

/** By the client's token, as in all other views; MP_JOIN names it by the token of the host that it goes to. */
function titleOf({ role, openedBy }: TrackedSubflow, token: string | null): string {
  const connection = token === null ? 'a connection' : `connection 0x${token}`;
  if (role === 'initial') return `First subflow of ${connection}`;
  return `The ${openedBy} joins a subflow to ${connection}`;
}

function ladderOf(title: string, flow: TrackedFlow, openedBy: Side, isControl: (packet: number) => boolean): Ladder {
  const other: Side = openedBy === 'client' ? 'server' : 'client';
  const steps = flow.packets
    .filter(({ packet }) => isControl(packet))
    .map(({ packet, sentBy }) => ({ packet, from: sentBy === 'opener' ? openedBy : other }));
  const ends = [endText(flow.opener), endText(flow.acceptor)];
  return {
    title,
    ends: (openedBy === 'client' ? ends : ends.reverse()).join(' and '),
    steps: steps.slice(0, MAX_STEPS),
    more: Math.max(0, steps.length - MAX_STEPS),
  };
}
