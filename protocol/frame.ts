/**
 * Binary WebSocket frames carry terminal bytes, packets, and what a line tells of itself (line.ts); everything else is a JSON
 * text frame.
 *
 *   0        1              5                    13
 *   | kind u8 | run u32 BE | at f64 BE, ms      | payload ...
 *
 * `at` counts from the opening of the session, as in every event. Input from the page has `at` 0.
 *
 *   0        1                    9
 *   | 4 u8   | received f64 BE    |   how many messages of the other side have come, over all sockets of the session
 */
export type Frame = TerminalFrame | PacketsFrame;

export type TerminalFrame = { kind: 'output' | 'input'; run: number; at: number; bytes: Uint8Array };

/** Records of captured packets (packet/records.ts) in order of time; `run` as in the `capture` message before them. */
export type PacketsFrame = { kind: 'packets'; run: number; at: number; bytes: Uint8Array };

export const FRAME_HEADER_BYTES = 13;
const KINDS = ['output', 'input', 'packets'] as const;

export function encodeFrame(frame: Frame): Uint8Array<ArrayBuffer> {
  const encoded = new Uint8Array(FRAME_HEADER_BYTES + frame.bytes.length);
  const view = new DataView(encoded.buffer);
  view.setUint8(0, KINDS.indexOf(frame.kind) + 1);
  view.setUint32(1, frame.run);
  view.setFloat64(5, frame.at);
  encoded.set(frame.bytes, FRAME_HEADER_BYTES);
  return encoded;
}

/** `null` for a frame that is too short or of no known kind. The payload is a view, not a copy. */
export function decodeFrame(encoded: Uint8Array): Frame | null {
  if (encoded.length < FRAME_HEADER_BYTES) return null;
  const view = new DataView(encoded.buffer, encoded.byteOffset, encoded.byteLength);
  const kind = KINDS[view.getUint8(0) - 1];
  if (kind === undefined) return null;
  return { kind, run: view.getUint32(1), at: view.getFloat64(5), bytes: encoded.subarray(FRAME_HEADER_BYTES) };
}

const RECEIVED_KIND = KINDS.length + 1;
const RECEIVED_BYTES = 9;

export function encodeReceived(messages: number): Uint8Array<ArrayBuffer> {
  const encoded = new Uint8Array(RECEIVED_BYTES);
  const view = new DataView(encoded.buffer);
  view.setUint8(0, RECEIVED_KIND);
  view.setFloat64(1, messages);
  return encoded;
}

/** `null` for every other frame. The count may be any number: it comes from the other side. */
export function decodeReceived(encoded: Uint8Array): number | null {
  if (encoded.length !== RECEIVED_BYTES || encoded[0] !== RECEIVED_KIND) return null;
  return new DataView(encoded.buffer, encoded.byteOffset, encoded.byteLength).getFloat64(1);
}
