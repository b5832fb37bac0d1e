import { readSync } from 'node:fs';

/** A piece of so many bytes is one of a flood: the kernel hands out 4 KiB at most, however much is waiting. */
export const FLOOD_PIECE_BYTES = 2048;

/** Where nothing is there yet it is asked again so often: the kernel moves the next piece meanwhile (flush_to_ldisc). */
const MORE_TRIES = 2;

/**
 * Reads what else there is, at most so much, from a descriptor that does not block (O_NONBLOCK). In a flood that spares the
 * event loop's turn for each piece, which takes longer than the piece.
 *
 * @param openDescriptor `null` once it is closed
 * @param take called with each piece, which is its own; false ends it
 */
export function readOn(openDescriptor: () => number | null, mostBytes: number, take: (piece: Buffer) => boolean): void {
  const piece = Buffer.allocUnsafe(PIECE_BYTES);
  let tries = MORE_TRIES;
  for (let bytes = 0; bytes < mostBytes; ) {
    const length = readNow(openDescriptor(), piece);
    if (length === null || (length === 0 && tries-- === 0)) return;
    bytes += length;
    if (length > 0 && !take(Buffer.from(piece.subarray(0, length)))) return;
  }
}

const PIECE_BYTES = 4096;

/** How much there was; `null` at the end, or when it cannot be read any more: the stream of the descriptor tells why. */
function readNow(descriptor: number | null, into: Buffer): number | null {
  if (descriptor === null) return null;
  const { stackTraceLimit } = Error;
  // That nothing is there is told by an error, and where it came from is the dear part of it.
  Error.stackTraceLimit = 0;
  try {
    return readSync(descriptor, into) || null;
  } catch (error) {
    return error instanceof Error && 'code' in error && error.code === 'EAGAIN' ? 0 : null;
  } finally {
    Error.stackTraceLimit = stackTraceLimit;
  }
}
