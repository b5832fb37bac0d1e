import type { IncomingMessage, Server } from 'node:http';
import type { Duplex } from 'node:stream';
import { type WebSocket, WebSocketServer } from 'ws';
import { type FromRunner, MAX_FRAME_BYTES } from '../../protocol/message.ts';
import { PROTOCOL } from '../../protocol/version.ts';
import { openSession, type Session, type SessionWorld } from '../session/session.ts';
import type { Gate } from './join/gate.ts';
import { isOwnHost, isOwnOrigin } from './origin.ts';
import type { SessionPlaces } from './session-places.ts';
import { type SourceAddress, sourceOf, type TrustedProxies } from './source-address.ts';

export const SESSION_PATH = '/api/session';

/** A page that does not answer pings for so long is gone. */
const HEARTBEAT_MS = 15_000;
/** What a page has not taken in of events; terminal output has its own, narrower window. */
const MAX_BUFFERED_BYTES = 8 * 1024 * 1024;
/** The library cuts off beyond this; up to it, a frame that is too large gets an explanation. */
const HARD_FRAME_BYTES = 4 * MAX_FRAME_BYTES;
/** A peer that sends so many faulty messages is no page of ours. */
const MAX_FAULTS = 100;

/** Close codes (RFC 6455, section 7.4.1). */
const POLICY_VIOLATION = 1008;
const GOING_AWAY = 1001;
const PROTOCOL_ERROR = 1002;
/** Registered by IANA for WebSocket close codes. */
const TRY_AGAIN_LATER = 1013;

export type SocketServer = { close(): Promise<void> };

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

export type SocketRefusal = 'foreign-origin' | 'join-code' | 'protocol-version' | 'sessions' | 'sessions-per-address';

/** Takes WebSockets at SESSION_PATH, one session each. */
export function acceptSessions(http: Server, world: SessionWorld, door: Door): SocketServer {
  const { publicOrigins, proxies, gate, places, onRefused } = door;
  const sessions = new Set<Session>();
  const sockets = new WebSocketServer({
    noServer: true,
    maxPayload: HARD_FRAME_BYTES,
    perMessageDeflate: false,
    // Answered below: the library would keep an answer to each for a peer that takes none.
    autoPong: false,
    // A page of another version must learn why it is turned away, which only an open socket can tell.
    handleProtocols: (offered) => (offered.has(PROTOCOL) ? PROTOCOL : ([...offered][0] ?? false)),
  });

  http.on('upgrade', (request: IncomingMessage, socket: Duplex, head: Buffer) => {
    const { host, origin } = request.headers;
    // Node gives the socket away: a fault of it without a listener would end the runner.
    socket.on('error', () => {});
    const path = pathOf(request.url ?? '/');
    if (path !== SESSION_PATH) return turnAway(socket, '404 Not Found', `No WebSocket at ${path}. Expected ${SESSION_PATH}.`);
    if (!isOwnHost(host, publicOrigins) || !isOwnOrigin(origin, host, publicOrigins)) {
      world.log.warn({ host, origin }, 'WebSocket of a stranger refused');
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
    const source = sourceOf(request, proxies);
    sockets.handleUpgrade(request, socket, head, (webSocket) => attend(webSocket, source));
  });

  const attend = (socket: WebSocket, source: SourceAddress) => {
    const sendEvent = (event: FromRunner) => send(socket, JSON.stringify(event));
    if (socket.protocol !== PROTOCOL) {
      const message = `This runner speaks ${PROTOCOL}, the page asked for "${socket.protocol}". Reload the page.`;
      world.log.warn({ offered: socket.protocol }, 'another protocol version refused');
      onRefused('protocol-version');
      sendEvent({ at: 0, type: 'error', code: 'protocol-version', message });
      return socket.close(PROTOCOL_ERROR, 'another protocol version');
    }
    const place = places.take(source);
    if (place.kind === 'refused') {
      world.log.warn({ reason: place.reason }, 'session refused');
      onRefused(place.reason);
      sendEvent({ at: 0, type: 'error', code: 'busy', message: place.message });
      return socket.close(TRY_AGAIN_LATER, 'no session is free');
    }
    let faults = 0;
    const session = openSession(
      { ...world, admission: door.labsFor(source) },
      {
        sendEvent(event) {
          sendEvent(event);
          if (event.type === 'error' && ++faults === MAX_FAULTS) socket.close(POLICY_VIOLATION, 'too many faults');
        },
        sendFrame: (frame) => send(socket, frame),
      },
    );
    sessions.add(session);

    let alive = true;
    socket.on('ping', (data: Buffer) => {
      if (socket.bufferedAmount > MAX_BUFFERED_BYTES) return socket.terminate();
      socket.pong(data);
    });
    socket.on('pong', () => {
      alive = true;
    });
    const heartbeat = setInterval(() => {
      if (!alive) return socket.terminate();
      alive = false;
      socket.ping();
    }, HEARTBEAT_MS);

    socket.on('message', (data: Buffer, isBinary: boolean) => {
      if (faults >= MAX_FAULTS) return;
      if (data.length > MAX_FRAME_BYTES) {
        const message = `Expected frames of at most ${MAX_FRAME_BYTES} bytes, found ${data.length}.`;
        faults++;
        return sendEvent({ at: 0, type: 'error', code: 'too-large', message });
      }
      if (isBinary) session.receiveFrame(data);
      else session.receiveText(data.toString());
    });
    // The library closes a faulty socket by itself; the log tells why.
    socket.on('error', (error) => world.log.warn({ error: error.message }, 'WebSocket fault'));
    socket.on('close', () => {
      clearInterval(heartbeat);
      sessions.delete(session);
      session
        .close('session-closed')
        .catch((error: unknown) => world.log.error({ error: String(error) }, 'session did not close'))
        .finally(place.giveBack);
    });
  };

  return {
    async close() {
      await Promise.all([...sessions].map((session) => session.close('shutdown')));
      for (const socket of sockets.clients) socket.close(GOING_AWAY, 'the runner is shutting down');
    },
  };
}

function send(socket: WebSocket, data: string | Uint8Array): void {
  if (socket.readyState !== socket.OPEN) return;
  if (socket.bufferedAmount > MAX_BUFFERED_BYTES) return socket.terminate();
  socket.send(data);
}

/** A request's target may be any text; one that is no address leads nowhere. */
function pathOf(target: string): string {
  return URL.parse(target, 'http://runner')?.pathname ?? target;
}

function turnAway(socket: Duplex, status: string, message: string): void {
  socket.end(`HTTP/1.1 ${status}\r\nConnection: close\r\nContent-Type: text/plain; charset=utf-8\r\n\r\n${message}\n`);
}
