import { createHmac, randomBytes, scryptSync, timingSafeEqual } from 'node:crypto';
import type { IncomingHttpHeaders } from 'node:http';
import type { SourceAddress } from '../source-address.ts';
import { guessLimit } from './guess-limit.ts';
import { canonicalCode, type JoinCode } from './join-code.ts';

/** Asks for a join code before it lets a browser to the labs. Who has been let in has a cookie, and is not asked again. */
export type Gate = {
  /** As it is shown to people, to be typed. */
  code: string;
  /** For links: too long to guess, so that a flood of wrong guesses closes nobody out who has the link. */
  token: string;
  hasJoined(headers: IncomingHttpHeaders): boolean;
  enter(guess: string, source: SourceAddress, request: JoinRequest): Entrance;
};

/** `secure` when the browser came by HTTPS. */
export type JoinRequest = { headers: IncomingHttpHeaders; secure: boolean };

export type Entrance = { kind: 'joined'; cookie: string } | { kind: 'wrong' } | { kind: 'too-many'; retryAfterSeconds: number };

/** After it, the code is asked again. */
const COOKIE_DAYS = 30;
const COOKIE_SECONDS = COOKIE_DAYS * 24 * 60 * 60;
const TOKEN_BYTES = 16;
const KEY_BYTES = 32;

/**
 * Everything is derived from the code, so that runners with the same one know each other's cookies, also after a restart.
 * Guessing a cookie or a token is guessing the code, with the work of scrypt (RFC 7914) for each guess.
 *
 * @param clock the time of day, in milliseconds
 */
export function openGate(code: JoinCode, clock: () => number = Date.now): Gate {
  const key = scryptSync(code.canonical, 'hello-mptcp join', KEY_BYTES);
  const mac = (text: string) => createHmac('sha256', key).update(text).digest();
  const token = mac('token').subarray(0, TOKEN_BYTES).toString('base64url');
  const isSame = constantTime();
  const guesses = guessLimit(() => performance.now());

  const signed = (expires: string) => `${expires}.${mac(`cookie ${expires}`).toString('base64url')}`;
  const isValid = (cookie: string): boolean => {
    const [expires = ''] = cookie.split('.');
    return isSame(cookie, signed(expires)) && Number(expires) * 1_000 > clock();
  };
  const newCookie = ({ headers, secure }: JoinRequest): string => {
    const expires = String(Math.floor(clock() / 1_000) + COOKIE_SECONDS);
    const attributes = `Path=/; Max-Age=${COOKIE_SECONDS}; HttpOnly; SameSite=Strict${secure ? '; Secure' : ''}`;
    return `${cookieName(headers.host)}=${signed(expires)}; ${attributes}`;
  };

  return {
    code: code.shown,
    token,
    hasJoined: ({ cookie, host }) => cookiesOf(cookie, cookieName(host)).some(isValid),
    enter(guess, source, request) {
      if (isSame(guess, token)) return { kind: 'joined', cookie: newCookie(request) };
      const retryAfterSeconds = guesses.waitSeconds(source);
      if (retryAfterSeconds > 0) return { kind: 'too-many', retryAfterSeconds };
      if (isSame(canonicalCode(guess), code.canonical)) return { kind: 'joined', cookie: newCookie(request) };
      guesses.wrong(source);
      return { kind: 'wrong' };
    },
  };
}

/** Texts of any length are compared in a time that tells nothing of where they differ. */
function constantTime(): (a: string, b: string) => boolean {
  const key = randomBytes(KEY_BYTES);
  const digest = (text: string) => createHmac('sha256', key).update(text).digest();
  return (a, b) => timingSafeEqual(digest(a), digest(b));
}

/** Browsers send a cookie to all ports of a host (RFC 6265, section 8.5): two runners on one must not take each other's. */
function cookieName(host: string | undefined): string {
  const port = /:(\d+)$/.exec(host ?? '')?.[1];
  return port === undefined ? 'hello-mptcp' : `hello-mptcp-${port}`;
}

/** There may be more than one of the same name (RFC 6265, section 4.2.2). */
function cookiesOf(header: string | undefined, name: string): string[] {
  return (header ?? '')
    .split(';')
    .map((cookie) => cookie.trim())
    .filter((cookie) => cookie.startsWith(`${name}=`))
    .map((cookie) => cookie.slice(name.length + 1));
}
