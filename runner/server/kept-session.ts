import { createHash, randomBytes, timingSafeEqual } from 'node:crypto';
import type { WebSocket } from 'ws';
import { type LineFrame, openLine } from '../../protocol/line.ts';
import { type FromRunner, MAX_FRAME_BYTES } from '../../protocol/message.ts';
import { BEAT_MS, CLOSE_REPLACED, MAX_KEPT_BYTES, type Resumed, SILENT_MS } from '../../protocol/resume.ts';
import type { RunEnd } from '../../protocol/run-end.ts';
import { openSession, type SessionWorld } from '../session/session.ts';
import { GOING_AWAY, NO_CLOSE_FRAME, POLICY_VIOLATION, PROTOCOL_ERROR } from './close-codes.ts';

/** A session that outlives its socket for a while, so that a page whose network was gone finds all as if it had not been. */
export type KeptSession = {
  id: string;
  /** Compared in constant time. */
  belongsTo(secret: string): boolean;
  /** Its first socket. */
  open(socket: WebSocket): void;
  /** Why it cannot go on over this socket, in a sentence; `null` when it does: then any other socket of it is closed. */
  resume(socket: WebSocket, receivedThere: number): string | null;
  /** Ends all that runs, tells it where it can be told, and closes the socket. */
  close(by: StopReason): Promise<void>;
  /** Lets what runs end, and then closes; a page that is away may fetch what was said. Resolves once nobody can come back. */
  drain(seconds: number): Promise<void>;
  /** As if the page had been away for too long. */
  expire(): void;
};

type StopReason = Extract<RunEnd, { kind: 'stopped' }>['by'];

export type KeptSessionPlan = {
  world: SessionWorld;
  /** How long it is kept without a socket. */
  seconds: number;
  /** All that ran has ended, and the lab is given back. */
  onEnded(): void;
  /** `away`: nobody attends to it, and only the page could bring it back. `gone`: nobody can. */
  onChange(state: 'attended' | 'away' | 'gone'): void;
};

/** Four times what RFC 6455's own random values have. */
const SECRET_BYTES = 32;
const ID_BYTES = 8;
/** What a peer has not taken in, when all that is kept for it is on its way again. */
const MAX_BUFFERED_BYTES = 2 * MAX_KEPT_BYTES;
/** A peer that sends so many faulty messages is no page of ours. */
const MAX_FAULTS = 100;

export function keepSession({ world, seconds, onEnded, onChange }: KeptSessionPlan): KeptSession {
  const id = randomBytes(ID_BYTES).toString('hex');
  const secret = randomBytes(SECRET_BYTES).toString('base64url');
  const line = openLine(MAX_KEPT_BYTES);
  let socket: WebSocket | null = null;
  let expiry: NodeJS.Timeout | undefined;
  let faults = 0;
  /** Whether all is over, and to be told to whoever comes. */
  let isDrained = false;
  /** Why it is over; the page may still come and ask. */
  let over: string | null = null;

  const send = (message: LineFrame) => {
    if (over === null && !line.send(message)) end(NOT_TAKEN_IN);
  };
  const session = openSession(world, {
    resume: { session: id, secret, seconds },
    isThere: () => socket !== null,
    sendEvent(event) {
      send(JSON.stringify(event));
      if (event.type === 'error') countFault();
    },
    sendFrame: send,
  });

  const countFault = () => {
    if (++faults === MAX_FAULTS) socket?.close(POLICY_VIOLATION, 'too many faults');
  };
  let closing: Promise<void> | null = null;
  const closeSession = (by: StopReason): Promise<void> => {
    closing ??= session
      .close(by)
      .catch((error: unknown) => world.log.error({ error: String(error) }, 'session did not close'))
      .finally(onEnded);
    return closing;
  };

  const { promise: isGone, resolve: onGone } = Promise.withResolvers<void>();
  const gone = () => {
    onGone();
    clearTimeout(expiry);
    over ??= UNKNOWN;
    onChange('gone');
    void closeSession('session-closed');
  };
  /** Over, but a page that comes back is told why. */
  const end = (why: string) => {
    over = why;
    world.log.warn({ session: id }, why);
    void closeSession('session-closed');
    if (socket !== null) socket.terminate();
  };

  const attend = (next: WebSocket) => {
    clearTimeout(expiry);
    const previous = socket;
    socket = next;
    // Its page has gone on over this one; most likely nobody is there to read the word.
    previous?.close(CLOSE_REPLACED, 'replaced by a newer one');
    onChange('attended');

    let heardAt = performance.now();
    const heard = () => {
      heardAt = performance.now();
    };
    const heartbeat = setInterval(() => {
      if (next !== socket || performance.now() - heardAt > SILENT_MS) return next.terminate();
      // A page hears the one and its browser answers the other, even while the page itself is frozen.
      line.beat();
      next.ping();
    }, BEAT_MS);
    let isFaulty = false;
    next.on('ping', (data: Buffer) => {
      if (next.bufferedAmount > MAX_BUFFERED_BYTES) return next.terminate();
      next.pong(data);
    });
    next.on('pong', heard);
    next.on('message', (data: Buffer<ArrayBuffer>, isBinary: boolean) => {
      if (next !== socket || faults >= MAX_FAULTS) return;
      heard();
      receive(next, isBinary ? data : data.toString(), data.length);
    });
    // The library closes a faulty socket by itself; the log tells why.
    next.on('error', (error) => {
      isFaulty = true;
      world.log.warn({ session: id, error: error.message }, 'WebSocket fault');
    });
    next.on('close', (code) => {
      clearInterval(heartbeat);
      if (next !== socket) return;
      socket = null;
      line.leave();
      // Who says goodbye does not come back; a network that is lost says nothing.
      if (code !== NO_CLOSE_FRAME || isFaulty || faults >= MAX_FAULTS) return gone();
      expiry = setTimeout(gone, seconds * 1_000);
      onChange('away');
    });
  };

  const receive = (from: WebSocket, frame: LineFrame, bytes: number) => {
    const taken = line.take(frame);
    if (taken === 'note') return;
    if (taken === 'fault') {
      return deny(from);
    }
    if (bytes > MAX_FRAME_BYTES) {
      const message = `Expected frames of at most ${MAX_FRAME_BYTES} bytes, found ${bytes}.`;
      const error: FromRunner = { at: 0, type: 'error', code: 'too-large', message };
      send(JSON.stringify(error));
      return countFault();
    }
    if (typeof frame === 'string') session.receiveText(frame);
    else session.receiveFrame(frame);
  };

  const closeIfDrained = () => {
    if (isDrained) socket?.close(GOING_AWAY, 'the runner is shutting down');
  };
  /** From here on nobody knows what the other side has. */
  const deny = (peer: WebSocket) => {
    gone();
    peer.close(PROTOCOL_ERROR, 'received what was never sent');
  };
  const sendTo = (to: WebSocket) => (frame: LineFrame) => {
    if (to.readyState !== to.OPEN) return;
    // Messages are bounded by the line; signs of life are not.
    if (to.bufferedAmount > MAX_BUFFERED_BYTES) return to.terminate();
    to.send(frame);
  };

  return {
    id,
    belongsTo: (given) => timingSafeEqual(hash(given), hash(secret)),
    open(first) {
      attend(first);
      line.join(sendTo(first), 0);
    },
    resume(next, receivedThere) {
      if (over !== null) return over;
      const resumed: Resumed = { type: 'resumed', received: line.received() };
      next.send(JSON.stringify(resumed));
      attend(next);
      if (!line.join(sendTo(next), receivedThere)) {
        deny(next);
        return null;
      }
      closeIfDrained();
      world.log.info({ session: id }, 'session resumed');
      return null;
    },
    async close(by) {
      await closeSession(by);
      if (socket === null) gone();
      else socket.close(GOING_AWAY, 'the runner is shutting down');
    },
    async drain(drainSeconds) {
      await session.drain(drainSeconds);
      await closeSession('shutdown');
      isDrained = true;
      closeIfDrained();
      await isGone;
    },
    expire: gone,
  };
}

/** What a page is told of a session that this runner never had, has given up, or that is another's. */
export const UNKNOWN = 'The runner has given this session up. Run starts anew.';
const NOT_TAKEN_IN = `The page did not take in what its programs said, and more than ${MAX_KEPT_BYTES / 1024 / 1024} MiB of it waited: the session was ended. Run starts anew.`;

function hash(text: string): Buffer {
  return createHash('sha256').update(text).digest();
}
