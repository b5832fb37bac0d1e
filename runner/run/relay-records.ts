import type { Writable } from 'node:stream';

/** run u32, kind u8 and length u24, in the byte order of the machine, which is the same on all that Node runs labs on. */
const HEADER_BYTES = 8;
/** As in pty-relay.c. */
export const MAX_RECORD_BYTES = 65_536;

/** Writes records for pty-relay. @throws Error for one that is too long: a command of that length is no command */
export function recordsTo(stream: Writable): (run: number, kind: number, payload?: Uint8Array) => void {
  return (run, kind, payload = new Uint8Array()) => {
    if (payload.length > MAX_RECORD_BYTES) {
      throw new Error(`Expected at most ${MAX_RECORD_BYTES} bytes for the relay of terminals, found ${payload.length}`);
    }
    const record = Buffer.alloc(HEADER_BYTES + payload.length);
    record.writeUInt32LE(run, 0);
    record.writeUInt8(kind, 4);
    record.writeUIntLE(payload.length, 5, 3);
    record.set(payload, HEADER_BYTES);
    stream.write(record);
  };
}

export type RecordListener = {
  /** Records of this kind are handed over part by part, as they come: views of the stream's chunks, without a copy. */
  parts: number;
  onPart(run: number, bytes: Buffer): void;
  /** Any other record, whole. */
  onRecord(run: number, kind: number, payload: Buffer): void;
};

/** Takes a stream of records apart, however its chunks fall. */
export function recordReader({ parts, onPart, onRecord }: RecordListener): (chunk: Buffer) => void {
  let held = Buffer.alloc(0);
  /** The record whose parts are coming. */
  let open: { run: number; missingBytes: number } | null = null;

  return (chunk) => {
    let rest = held.length === 0 ? chunk : Buffer.concat([held, chunk]);
    held = Buffer.alloc(0);
    while (rest.length > 0) {
      if (open !== null) {
        const part = rest.subarray(0, open.missingBytes);
        rest = rest.subarray(part.length);
        const { run } = open;
        open = part.length === open.missingBytes ? null : { run, missingBytes: open.missingBytes - part.length };
        onPart(run, part);
        continue;
      }
      if (rest.length < HEADER_BYTES) break;
      const [run, kind, length] = [rest.readUInt32LE(0), rest.readUInt8(4), rest.readUIntLE(5, 3)];
      if (kind === parts) {
        rest = rest.subarray(HEADER_BYTES);
        if (length > 0) open = { run, missingBytes: length };
        continue;
      }
      if (rest.length < HEADER_BYTES + length) break;
      onRecord(run, kind, rest.subarray(HEADER_BYTES, HEADER_BYTES + length));
      rest = rest.subarray(HEADER_BYTES + length);
    }
    // A copy: it keeps no chunk alive.
    if (rest.length > 0) held = Buffer.from(rest);
  };
}
