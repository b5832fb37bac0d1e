import { decodeReceived, encodeReceived } from './frame.ts';

/** One frame of a WebSocket: JSON text, or bytes (frame.ts). */
export type LineFrame = string | Uint8Array<ArrayBuffer>;

/**
 * One side of a conversation that outlives its sockets. Each message that was sent is kept until the other side has told that
 * it came; on a new socket the rest is sent again, so that every message arrives once and in order. Messages carry no
 * number: a socket keeps their order, so that counting them is enough. Page and runner each have one.
 */
export type Line = {
  /** Sends a message, now or once there is a wire. False where it cannot be kept: then it is not sent either. */
  send(message: LineFrame): boolean;
  /**
   * Counts what came on the wire. `message` is for who owns the line, `note` was for the line itself. `fault`: the other side
   * says that it has received what was never sent, or forgets what it had received.
   */
  take(frame: LineFrame): 'message' | 'note' | 'fault';
  /** How many messages have come, over all wires. */
  received(): number;
  /** What may still be sent before `send` says no. */
  roomBytes(): number;
  /** Sends over this wire from now on, first what the other side has not received. False where that count cannot be. */
  join(wire: (frame: LineFrame) => void, receivedThere: number): boolean;
  /** The wire is gone. Nothing that comes of it later may be given to `take`. */
  leave(): void;
  /** Tells the other side what has come, also where it knows: it is a sign of life too. */
  beat(): void;
  /** As `beat`, where the other side does not know yet. */
  tellReceived(): void;
};

/** The other side is told at least once for so many messages, and for so many bytes. */
const TELL_EVERY_MESSAGES = 64;
const TELL_EVERY_BYTES = 256 * 1024;

/** @param maxKeptBytes of messages that the other side has not received; text counts by its letters */
export function openLine(maxKeptBytes: number): Line {
  let wire: ((frame: LineFrame) => void) | null = null;
  /** The last messages that were sent, and how many were before them. */
  const kept: LineFrame[] = [];
  let dropped = 0;
  let keptBytes = 0;
  let received = 0;
  let toldReceived = 0;
  let untoldBytes = 0;

  /** False for a count that cannot be. */
  const drop = (receivedThere: number): boolean => {
    const isPossible = Number.isInteger(receivedThere) && receivedThere >= dropped && receivedThere <= dropped + kept.length;
    if (!isPossible) return false;
    const gone = kept.splice(0, receivedThere - dropped);
    dropped = receivedThere;
    for (const message of gone) keptBytes -= message.length;
    return true;
  };
  const beat = () => {
    if (wire === null) return;
    toldReceived = received;
    untoldBytes = 0;
    wire(encodeReceived(received));
  };

  return {
    send(message) {
      if (keptBytes + message.length > maxKeptBytes) return false;
      kept.push(message);
      keptBytes += message.length;
      wire?.(message);
      return true;
    },
    take(frame) {
      const receivedThere = typeof frame === 'string' ? null : decodeReceived(frame);
      if (receivedThere !== null) return drop(receivedThere) ? 'note' : 'fault';
      received++;
      untoldBytes += frame.length;
      if (received - toldReceived >= TELL_EVERY_MESSAGES || untoldBytes >= TELL_EVERY_BYTES) beat();
      return 'message';
    },
    received: () => received,
    roomBytes: () => maxKeptBytes - keptBytes,
    join(next, receivedThere) {
      if (!drop(receivedThere)) return false;
      wire = next;
      for (const message of kept) next(message);
      return true;
    },
    leave() {
      wire = null;
    },
    beat,
    tellReceived() {
      if (received > toldReceived) beat();
    },
  };
}
