import * as v from 'valibot';
import { type LineFrame, openLine } from '../../../protocol/line.ts';
import {
  CLOSE_NOT_UNDERSTOOD,
  MAX_KEPT_BYTES,
  RESUME_PATH,
  type Resume,
  type ResumeTicket,
  resumedSchema,
  SESSION_PATH,
  SILENT_MS,
} from '../../../protocol/resume.ts';
import { PROTOCOL } from '../../../protocol/version.ts';
import { readMessage } from './from-runner.ts';
import { retryPause } from './retry-pause.ts';

/** The page's side of a conversation with the runner, over one socket after the other. */
export type Connection = {
  /** True once the runner took the first socket, false when it never will. Never rejects. */
  opened: Promise<boolean>;
  /** False where so much waits to be sent already that this is not. */
  send(frame: LineFrame): boolean;
  roomBytes(): number;
  /** From now on a socket that is lost is not the end. */
  keepTicket(ticket: ResumeTicket | null): void;
  /** The runner says what this page does not understand. */
  giveUp(): void;
  /** The listener hears nothing more. */
  close(): void;
};

export type ConnectionListener = {
  frame(frame: LineFrame): void;
  /** The socket is lost, and another one is tried for; or it is there. */
  away(isAway: boolean): void;
  /** Told once, unless the page closed the connection itself. */
  ended(end: SessionEnd): void;
};

export type SessionEnd =
  | { kind: 'unreachable' }
  | { kind: 'lost'; code: number; reason: string }
  /** The runner no longer has the session, and says why. */
  | { kind: 'given-up'; why: string }
  /** The runner sent a frame that is none of this protocol. */
  | { kind: 'not-understood' };

/** Calls back when the network may be there again, until it is undone. */
export type Wake = (act: () => void) => () => void;

const LOOK_MS = 1_000;
/** After so long without a look the page itself stood still: what has come meanwhile is on its way to it. */
const STOOD_STILL_MS = 3 * LOOK_MS;
/** A socket that is not there by then never comes: networks that are gone do not refuse. */
const ATTEMPT_MS = 5_000;
/** The runner may notice the loss so much later than the page, and keeps the session from then on. */
const NOTICED_LATER_MS = 2 * SILENT_MS;
/** RFC 6455, section 7.4.1, and the codes of IANA's registry for a server that cannot serve just now. */
const LOST_CODES = new Set([1006, 1012, 1013, 1014]);

/** @param at the address of one of the runner's WebSockets */
export function openConnection(at: (path: string) => URL, listener: ConnectionListener, wake: Wake): Connection {
  const line = openLine(MAX_KEPT_BYTES);
  const opened = Promise.withResolvers<boolean>();
  let ticket: ResumeTicket | null = null;
  /** The one that is open, or is the first to be; `null` while another one is tried for. */
  let socket: WebSocket | null = null;
  let attempt: { socket: WebSocket; timer: ReturnType<typeof setTimeout> } | null = null;
  let retry: ReturnType<typeof setTimeout> | undefined;
  let attempts = 0;
  let lostAt = 0;
  let heardAt = performance.now();
  let lookedAt = heardAt;
  let over = false;

  const dial = (path: string): WebSocket => {
    const dialled = new WebSocket(at(path), PROTOCOL);
    dialled.binaryType = 'arraybuffer';
    return dialled;
  };
  const attend = (attended: WebSocket, receivedThere: number): boolean => {
    socket = attended;
    heardAt = performance.now();
    return line.join((frame) => attended.readyState === WebSocket.OPEN && attended.send(frame), receivedThere);
  };
  const hear = (data: unknown) => {
    heardAt = performance.now();
    const frame = data instanceof ArrayBuffer ? new Uint8Array(data) : String(data);
    const taken = line.take(frame);
    if (taken === 'fault') giveUp();
    else if (taken === 'message') listener.frame(frame);
  };

  const end = (why: SessionEnd) => {
    if (over) return;
    finish();
    listener.ended(why);
  };
  const finish = () => {
    over = true;
    opened.resolve(false);
    line.leave();
    clearInterval(looking);
    clearTimeout(retry);
    stopWaking();
    dropAttempt();
    socket = null;
  };
  const giveUp = () => {
    socket?.close(CLOSE_NOT_UNDERSTOOD, 'not understood');
    end({ kind: 'not-understood' });
  };

  const lose = (code: number, reason: string) => {
    socket = null;
    line.leave();
    if (ticket === null || ticket.seconds === 0 || !LOST_CODES.has(code)) return end({ kind: 'lost', code, reason });
    lostAt = performance.now();
    attempts = 0;
    listener.away(true);
    tryLater();
  };
  const tryLater = () => {
    retry = setTimeout(tryNow, retryPause(attempts++));
  };
  const dropAttempt = () => {
    clearTimeout(attempt?.timer);
    attempt?.socket.close();
    attempt = null;
  };
  const failed = () => {
    dropAttempt();
    const keptMs = (ticket?.seconds ?? 0) * 1_000 + NOTICED_LATER_MS;
    if (performance.now() - lostAt > keptMs) end({ kind: 'lost', code: 1006, reason: 'no way back' });
    else tryLater();
  };
  const tryNow = () => {
    if (ticket === null) return;
    clearTimeout(retry);
    dropAttempt();
    const { session, secret } = ticket;
    const trying = dial(RESUME_PATH);
    attempt = { socket: trying, timer: setTimeout(failed, ATTEMPT_MS) };
    trying.addEventListener('open', () => {
      const asked: Resume = { type: 'resume', session, secret, received: line.received() };
      trying.send(JSON.stringify(asked));
    });
    trying.addEventListener('message', ({ data }: MessageEvent<unknown>) => {
      if (trying === socket) hear(data);
      else if (trying === attempt?.socket) hearAnswer(trying, String(data));
    });
    trying.addEventListener('close', ({ code, reason }) => {
      if (trying === socket) lose(code, reason);
      else if (trying === attempt?.socket) failed();
    });
  };
  const hearAnswer = (from: WebSocket, text: string) => {
    const answer = readAnswer(text);
    if (answer === null) return failed();
    if ('why' in answer) return end({ kind: 'given-up', why: answer.why });
    clearTimeout(attempt?.timer);
    attempt = null;
    if (!attend(from, answer.received)) return giveUp();
    listener.away(false);
  };

  const look = () => {
    const now = performance.now();
    const stoodStill = now - lookedAt > STOOD_STILL_MS;
    lookedAt = now;
    if (socket?.readyState !== WebSocket.OPEN) return;
    line.tellReceived();
    if (stoodStill || now - heardAt <= SILENT_MS) return;
    // Nothing comes any more, and nobody has told that nothing will.
    const silent = socket;
    lose(1006, 'silence');
    silent.close();
  };
  const looking = setInterval(look, LOOK_MS);
  const stopWaking = wake(() => {
    if (socket !== null) return;
    attempts = 0;
    tryNow();
  });

  const first = dial(SESSION_PATH);
  socket = first;
  let wasOpen = false;
  first.addEventListener('open', () => {
    if (first !== socket) return;
    wasOpen = true;
    attend(first, 0);
    opened.resolve(true);
  });
  first.addEventListener('message', ({ data }: MessageEvent<unknown>) => {
    if (first === socket) hear(data);
  });
  first.addEventListener('close', ({ code, reason }) => {
    if (first !== socket) return;
    if (wasOpen) lose(code, reason);
    else end({ kind: 'unreachable' });
  });

  return {
    opened: opened.promise,
    send: (frame) => over || line.send(frame),
    roomBytes: line.roomBytes,
    keepTicket(given) {
      ticket = given;
    },
    giveUp,
    close() {
      socket?.close(1000);
      finish();
    },
  };
}

/** What a runner says to a page that comes back; `null` for what no runner says. */
function readAnswer(text: string): { received: number } | { why: string } | null {
  const read = readMessage(text);
  if (read.kind === 'known') return read.message.type === 'error' ? { why: read.message.message } : null;
  const resumed = v.safeParse(v.pipe(v.string(), v.parseJson(), resumedSchema), text);
  return resumed.success ? { received: resumed.output.received } : null;
}
