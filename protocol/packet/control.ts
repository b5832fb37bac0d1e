import type { DecodedPacket } from './decode.ts';

/**
 * Whether a packet changes something: it begins or ends a subflow, or carries an option other than a plain DSS. The others,
 * data and its acknowledgments, come by the thousand. A packet that could not be decoded counts as control: it is worth a look.
 */
export function isControl({ tcp, mptcp, faults }: DecodedPacket): boolean {
  if (tcp === null || faults.length > 0) return true;
  const { syn, fin, rst } = tcp.flags;
  return syn || fin || rst || mptcp.some((option) => option.subtype !== 'DSS' || option.dataFin || option.mapping?.length === 0);
}
