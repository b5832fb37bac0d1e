import type { IncomingMessage, Server } from 'node:http';
import type { Duplex } from 'node:stream';
import * as v from 'valibot';
import { type WebSocket, WebSocketServer } from 'ws';
import { excerpt } from '../../protocol/excerpt.ts';
import { type FromRunner, MAX_FRAME_BYTES } from '../../protocol/message.ts';
import { CLOSE_NO_SUCH_SESSION, RESUME_PATH, type Resume, resumeSchema, SESSION_PATH } from '../../protocol/resume.ts';
import { PROTOCOL } from '../../protocol/version.ts';
import type { SessionWorld } from '../session/session.ts';
import { GOING_AWAY, PROTOCOL_ERROR } from './close-codes.ts';
import type { Gate } from './join/gate.ts';
import { type KeptSession, keepSession, UNKNOWN } from './kept-session.ts';
import { isOwnHost, isOwnOrigin } from './origin.ts';
import type { SessionPlaces } from './session-places.ts';
import { type SourceAddress, sourceOf, type TrustedProxies } from './source-address.ts';

/** The library cuts off beyond this; up to it, a frame that is too large gets an explanation. */
const HARD_FRAME_BYTES = 4 * MAX_FRAME_BYTES;
/** A page that comes back says so at once. */
const RESUME_WITHIN_MS = 5_000;
const MAX_RESUME_BYTES = 1_024;
/** Sessions that wait for their page at a time. One more, and the one that has waited longest is given up. */
const MAX_AWAY = 1_000;

/** Registered by IANA for WebSocket close codes. */
const TRY_AGAIN_LATER = 1013;

export type SocketServer = {
  /** Takes no new sessions, and lets those that there are end what they run. Resolves when all have, or after so many seconds. */
  drain(seconds: number): Promise<void>;
  close(): Promise<void>;
};

/** Who comes in. */
export type Door = {
  publicOrigins: string[];
  proxies: TrustedProxies;
  /** `null` where labs are for everybody who can open the site. */
  gate: Gate | null;
  places: SessionPlaces;
  /** What a session of this source takes its labs from. */
  labsFor(source: SourceAddress): SessionWorld['admission'];
  onRefused(reason: SocketRefusal): void;
};

export type SocketRefusal =
  | 'foreign-origin'
  | 'join-code'
  | 'protocol-version'
  | 'draining'
  | 'sessions'
  | 'sessions-per-address';

/**
 * Takes WebSockets at SESSION_PATH, a new session each, and at RESUME_PATH from pages that come back to theirs.
 *
 * @param resumeSeconds how long a session is kept whose page was lost
 */
export function acceptSessions(http: Server, world: SessionWorld, door: Door, resumeSeconds: number): SocketServer {
  const { publicOrigins, proxies, gate, places, onRefused } = door;
  const sessions = new Map<string, KeptSession>();
  let drainingUntil: number | null = null;
  const away = new Set<KeptSession>();
  const sockets = new WebSocketServer({
    noServer: true,
    maxPayload: HARD_FRAME_BYTES,
    perMessageDeflate: false,
    // Answered by each session: the library would keep an answer to each for a peer that takes none.
    autoPong: false,
    // A page of another version must learn why it is turned away, which only an open socket can tell.
    handleProtocols: (offered) => (offered.has(PROTOCOL) ? PROTOCOL : ([...offered][0] ?? false)),
  });

  http.on('upgrade', (request: IncomingMessage, socket: Duplex, head: Buffer) => {
    const { host, origin } = request.headers;
    // Node gives the socket away: a fault of it without a listener would end the runner.
    socket.on('error', () => {});
    const path = pathOf(request.url ?? '/');
    const attend = ATTENDANTS.get(path);
    if (attend === undefined) return turnAway(socket, '404 Not Found', `No WebSocket at ${path}. Expected /${SESSION_PATH}.`);
    if (!isOwnHost(host, publicOrigins) || !isOwnOrigin(origin, host, publicOrigins)) {
      world.log.warn({ host: excerpt(host ?? ''), origin: excerpt(origin ?? '') }, 'WebSocket of a stranger refused');
      onRefused('foreign-origin');
      return turnAway(
        socket,
        '403 Forbidden',
        'Expected a page of this runner as the Origin. PUBLIC_ORIGINS lists further ones.',
      );
    }
    if (gate !== null && !gate.hasJoined(request.headers)) {
      onRefused('join-code');
      return turnAway(socket, '403 Forbidden', 'This runner asks for its join code first. A page of it has a place for it.');
    }
    if (drainingUntil !== null && path !== `/${RESUME_PATH}`) {
      onRefused('draining');
      const seconds = Math.max(1, Math.ceil((drainingUntil - performance.now()) / 1_000));
      return turnAway(socket, '503 Service Unavailable', 'This runner is about to end.', [`Retry-After: ${seconds}`]);
    }
    const source = sourceOf(request, proxies);
    sockets.handleUpgrade(request, socket, head, (webSocket) => {
      if (webSocket.protocol === PROTOCOL) attend(webSocket, source);
      else refuseVersion(webSocket);
    });
  });

  const refuseVersion = (socket: WebSocket) => {
    const message = `This runner speaks ${PROTOCOL}, the page asked for "${socket.protocol}". Reload the page.`;
    world.log.warn({ offered: excerpt(socket.protocol) }, 'another protocol version refused');
    onRefused('protocol-version');
    refuse(socket, { at: 0, type: 'error', code: 'protocol-version', message }, PROTOCOL_ERROR);
  };

  const attendNew = (socket: WebSocket, source: SourceAddress) => {
    const place = places.take(source);
    if (place.kind === 'refused') {
      world.log.warn({ reason: place.reason }, 'session refused');
      onRefused(place.reason);
      return refuse(socket, { at: 0, type: 'error', code: 'busy', message: place.message }, TRY_AGAIN_LATER);
    }
    const kept: KeptSession = keepSession({
      world: { ...world, admission: door.labsFor(source) },
      seconds: resumeSeconds,
      onEnded: place.giveBack,
      onChange(state) {
        away.delete(kept);
        if (state === 'gone') sessions.delete(kept.id);
        if (state !== 'away') return;
        away.add(kept);
        const [longest] = away;
        if (away.size > MAX_AWAY) longest?.expire();
      },
    });
    sessions.set(kept.id, kept);
    kept.open(socket);
  };

  const attendResumed = (socket: WebSocket) => {
    const timer = setTimeout(() => socket.terminate(), RESUME_WITHIN_MS);
    const noLonger = () => clearTimeout(timer);
    socket.once('close', noLonger);
    // The library closes a faulty socket by itself.
    socket.once('error', (error) => world.log.warn({ error: error.message }, 'WebSocket fault'));
    socket.once('message', (data: Buffer, isBinary: boolean) => {
      noLonger();
      const asked = isBinary || data.length > MAX_RESUME_BYTES ? null : parseResume(data.toString());
      if (asked === null) return socket.close(PROTOCOL_ERROR, 'expected to hear which session to resume');
      const kept = sessions.get(asked.session);
      const why = kept?.belongsTo(asked.secret) === true ? kept.resume(socket, asked.received) : UNKNOWN;
      if (why === null) return;
      world.log.info({ session: asked.session }, 'session not resumed');
      refuse(socket, { at: 0, type: 'error', code: 'unknown-session', message: why }, CLOSE_NO_SUCH_SESSION);
    });
  };

  const ATTENDANTS = new Map<string, (socket: WebSocket, source: SourceAddress) => void>([
    [`/${SESSION_PATH}`, attendNew],
    [`/${RESUME_PATH}`, attendResumed],
  ]);

  return {
    async drain(seconds) {
      drainingUntil = performance.now() + seconds * 1_000;
      world.log.info({ sessions: sessions.size, seconds }, 'draining');
      const { promise: tooLong, resolve } = Promise.withResolvers<void>();
      const timer = setTimeout(resolve, seconds * 1_000);
      await Promise.race([tooLong, Promise.all([...sessions.values()].map((session) => session.drain(seconds)))]);
      clearTimeout(timer);
    },
    async close() {
      await Promise.all([...sessions.values()].map((session) => session.close('shutdown')));
      for (const socket of sockets.clients) socket.close(GOING_AWAY, 'the runner is shutting down');
    },
  };
}

function refuse(socket: WebSocket, error: Extract<FromRunner, { type: 'error' }>, code: number): void {
  socket.send(JSON.stringify(error));
  socket.close(code, error.code);
}

function parseResume(text: string): Resume | null {
  try {
    const result = v.safeParse(resumeSchema, JSON.parse(text));
    return result.success ? result.output : null;
  } catch {
    return null;
  }
}

/** A request's target may be any text; one that is no address leads nowhere. */
function pathOf(target: string): string {
  return URL.parse(target, 'http://runner')?.pathname ?? target;
}

function turnAway(socket: Duplex, status: string, message: string, headers: string[] = []): void {
  const head = [`HTTP/1.1 ${status}`, 'Connection: close', 'Content-Type: text/plain; charset=utf-8', ...headers];
  socket.end(`${head.join('\r\n')}\r\n\r\n${message}\n`);
}
