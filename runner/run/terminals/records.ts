import type { Duplex } from 'node:stream';

/** To the host of terminals: `open` carries a TerminalPlan as JSON, `resize` a TerminalSize, `signal` its name. */
export const TO_HOST = { open: 0, input: 1, resize: 2, pause: 3, resume: 4, signal: 5, close: 6 } as const;
/** From it: `taken` says how many bytes more of what was typed a terminal took (u32), `ended` carries why. */
export const FROM_HOST = { output: 0, taken: 1, ended: 2 } as const;

/** One message about one terminal. */
export type TerminalRecord = { terminal: number; kind: number; payload: Buffer };

/** terminal u32, kind u8, length of the payload u32, all of the machine's own byte order: little on all that Node runs labs on. */
const HEADER_BYTES = 9;

export function sendRecord(stream: Duplex, terminal: number, kind: number, payload: Uint8Array | string = ''): void {
  const bytes = typeof payload === 'string' ? Buffer.from(payload) : payload;
  const header = Buffer.allocUnsafe(HEADER_BYTES);
  header.writeUInt32LE(terminal, 0);
  header.writeUInt8(kind, 4);
  header.writeUInt32LE(bytes.length, 5);
  stream.cork();
  stream.write(header);
  if (bytes.length > 0) stream.write(bytes);
  stream.uncork();
}

/**
 * Takes a stream of records apart, however its chunks fall.
 * @param kindInParts handed over part by part, as it comes, without a copy: what is printed has no beginning and no end
 */
export function recordReader(take: (record: TerminalRecord) => void, kindInParts?: number): (chunk: Buffer) => void {
  let held = Buffer.alloc(0);
  let open: { terminal: number; kind: number; missingBytes: number } | null = null;

  return (chunk) => {
    let rest = held.length === 0 ? chunk : Buffer.concat([held, chunk]);
    for (;;) {
      if (open !== null) {
        const { terminal, kind, missingBytes }: typeof open = open;
        const payload = rest.subarray(0, missingBytes);
        rest = rest.subarray(payload.length);
        open = payload.length === missingBytes ? null : { terminal, kind, missingBytes: missingBytes - payload.length };
        if (payload.length > 0) take({ terminal, kind, payload });
        if (open !== null) break;
      }
      if (rest.length < HEADER_BYTES) break;
      const [terminal, kind, length] = [rest.readUInt32LE(0), rest.readUInt8(4), rest.readUInt32LE(5)];
      if (kind === kindInParts) {
        open = { terminal, kind, missingBytes: length };
        rest = rest.subarray(HEADER_BYTES);
        continue;
      }
      if (rest.length < HEADER_BYTES + length) break;
      take({ terminal, kind, payload: rest.subarray(HEADER_BYTES, HEADER_BYTES + length) });
      rest = rest.subarray(HEADER_BYTES + length);
    }
    // A copy: it keeps no chunk alive.
    held = Buffer.from(rest);
  };
}
