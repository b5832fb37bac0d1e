import { randomBytes } from 'node:crypto';

/** What pty-steps writes on the terminal, taken apart: the program's bytes, and the end of a step. */
export type Piece = { kind: 'output'; bytes: Buffer } | { kind: 'step-ended'; status: number };

/** A mark that no program can guess. It starts with a byte that prompts do not end with (ASCII unit separator). */
export function newMark(): string {
  return `\x1f${randomBytes(16).toString('hex')}`;
}

const END = ';'.charCodeAt(0);
/** "255;" is the longest status. */
const STATUS_BYTES = 4;

/** Cuts a stream at its marks, however the chunks fall. Bytes that may be the beginning of a mark are held back. */
export function markScanner(mark: string): (chunk: Buffer) => Piece[] {
  const needle = Buffer.from(mark);
  let held = Buffer.alloc(0);

  return (chunk) => {
    const pieces: Piece[] = [];
    let rest = held.length === 0 ? chunk : Buffer.concat([held, chunk]);
    for (;;) {
      const start = rest.indexOf(needle);
      const outputEnd = start === -1 ? rest.length - beginningOf(needle, rest) : start;
      if (outputEnd > 0) pieces.push({ kind: 'output', bytes: rest.subarray(0, outputEnd) });
      rest = rest.subarray(outputEnd);
      const end = start === -1 ? -1 : rest.subarray(0, needle.length + STATUS_BYTES).indexOf(END, needle.length);
      if (end === -1) {
        held = Buffer.from(rest);
        return pieces;
      }
      pieces.push({ kind: 'step-ended', status: Number(rest.toString('latin1', needle.length, end)) });
      rest = rest.subarray(end + 1);
    }
  };
}

/** How many bytes at the end of `data` may be the beginning of the needle. */
function beginningOf(needle: Buffer, data: Buffer): number {
  for (let length = Math.min(needle.length - 1, data.length); length > 0; length--) {
    if (data.subarray(data.length - length).equals(needle.subarray(0, length))) return length;
  }
  return 0;
}
