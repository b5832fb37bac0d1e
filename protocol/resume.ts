import * as v from 'valibot';

/**
 * How a session goes on over a new socket. The runner gives the page a ticket (in `welcome`). When the socket is lost the page
 * opens another one, at RESUME_PATH, and says first `Resume`; the runner answers `Resumed`, or with an `error` and a close.
 * Then both sides send again what the other has not received (line.ts).
 *
 * The ticket is kept in the page's memory alone. A page that is loaded again has neither terminals nor verdict to go on with:
 * it leaves its session, and begins anew.
 */
export type ResumeTicket = {
  session: string;
  /** Who has it, has the session: it is in no log and no address. */
  secret: string;
  /** So long after the runner lost the page it keeps the session. */
  seconds: number;
};

/** Beside the page, as SESSION_PATH. */
export const SESSION_PATH = 'api/session';
export const RESUME_PATH = 'api/session/resume';

export const resumeSchema = v.strictObject({
  type: v.literal('resume'),
  session: v.pipe(v.string(), v.maxLength(64)),
  secret: v.pipe(v.string(), v.maxLength(64)),
  /** Messages of the runner that the page has received, over all sockets. */
  received: v.pipe(v.number(), v.integer(), v.minValue(0)),
});

export type Resume = v.InferOutput<typeof resumeSchema>;

export const resumedSchema = v.object({
  type: v.literal('resumed'),
  /** Messages of the page that the runner has received, over all sockets. */
  received: v.pipe(v.number(), v.integer(), v.minValue(0)),
});

export type Resumed = v.InferOutput<typeof resumedSchema>;

/** Each side keeps so much of what the other one has not received. */
export const MAX_KEPT_BYTES = 8 * 1024 * 1024;

/** The runner gives a sign of life so often: a page sees no pings. */
export const BEAT_MS = 5_000;
/** A side of which nothing was heard for so long has lost its network: no packet tells of that. */
export const SILENT_MS = 3 * BEAT_MS;

/** Close codes for applications (RFC 6455, section 7.4.2). */
export const CLOSE_REPLACED = 4001;
export const CLOSE_NOT_UNDERSTOOD = 4002;
export const CLOSE_NO_SUCH_SESSION = 4004;
