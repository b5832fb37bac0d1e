import type { Calculation, Named } from './arithmetic.ts';
import type { Side, TrackedConnection, TrackedSubflow } from './connections.ts';
import type { DecodedPacket } from './decode.ts';
import type { MptcpOption } from './mptcp-option.ts';

/** A calculation beside what was on the wire. */
export type Proof = Calculation & {
  title: string;
  /** The rule in a sentence, and where it stands. */
  rule: string;
  section: string;
  /** `packet` is a position in the list of packets; `value` in hexadecimal digits; `null` when nothing to compare was seen. */
  onWire: { packet: number; value: string; where: string } | null;
  /** `null` without anything on the wire. */
  agrees: boolean | null;
};

export type Sent = { packet: number; side: Side; option: MptcpOption };

export function other(side: Side): Side {
  return side === 'client' ? 'server' : 'client';
}

/** The options of a subflow's packets, each with the host of the connection that sent it. */
export function optionsOf(subflow: TrackedSubflow, packets: DecodedPacket[]): Sent[] {
  return subflow.packets.flatMap(({ packet, sentBy }) => {
    const side = sentBy === 'opener' ? subflow.openedBy : other(subflow.openedBy);
    return (packets[packet]?.mptcp ?? []).map((option) => ({ packet, side, option }));
  });
}

export function keyOf(connection: TrackedConnection, side: Side): Named | null {
  const seen = connection.keys[side];
  return seen === null ? null : { name: `key of the ${side}`, value: seen.key };
}

export function prove(text: Pick<Proof, 'title' | 'rule' | 'section'>, calculation: Calculation, onWire: Proof['onWire']): Proof {
  // A number of which only the lower half was sent is compared with its lower half.
  return { ...text, ...calculation, onWire, agrees: onWire === null ? null : calculation.result.endsWith(onWire.value) };
}
