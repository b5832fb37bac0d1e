import { hexOf, note, noteReserved, type Part } from './field.ts';
import { type MptcpContent, wrongLength } from './mptcp-option.ts';

/** RFC 8684, section 3.5. */
export function decodeMpFastclose(part: Part): MptcpContent {
  const { view } = part;
  if (view.byteLength !== 12) return { subtype: 'malformed', name: 'MP_FASTCLOSE', ...wrongLength([12], view.byteLength) };
  noteReserved(part);
  const receiverKey = hexOf(part, 4, 8);
  note(
    part,
    'Receiver’s key',
    4,
    8,
    receiverKey,
    'The key of the host that gets this: only who knows it may end the connection so.',
  );
  return { subtype: 'MP_FASTCLOSE', receiverKey };
}

/** RFC 8684, section 3.6. */
export const RESET_REASONS = [
  'Unspecified error',
  'MPTCP-specific error',
  'Lack of resources',
  'Administratively prohibited',
  'Too much outstanding data',
  'Unacceptable performance',
  'Middlebox interference',
];

/** RFC 8684, section 3.6. */
export function decodeMpTcprst(part: Part): MptcpContent {
  const { view } = part;
  if (view.byteLength !== 4) return { subtype: 'malformed', name: 'MP_TCPRST', ...wrongLength([4], view.byteLength) };
  const flags = view.getUint8(2);
  const reason = view.getUint8(3);
  const reasonName = RESET_REASONS[reason] ?? 'Not assigned';
  const transient = (flags & 0x01) !== 0;
  note(part, 'U, V, W', 2, 1, (flags >> 1) & 0x07, 'Not used.', 0x0e);
  note(part, 'T, transient', 2, 1, transient ? 1 : 0, 'Whether the reason may pass, so that a new subflow is worth a try.', 0x01);
  note(part, 'Reason', 3, 1, `${reason} (${reasonName})`, 'Why the sender resets this subflow.');
  return { subtype: 'MP_TCPRST', transient, reason, reasonName };
}
