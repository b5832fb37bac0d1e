import type { FastifyInstance } from 'fastify';
import type { DeviceSighting } from '../../protocol/device.ts';
import type { Devices } from '../devices/devices.ts';
import type { Gate } from './join/gate.ts';
import { isOwnOrigin } from './origin.ts';

/** Pages that watch at a time. */
const MAX_WATCHERS = 200;
/** What a page has not taken in; beyond it, the page is let go, and its browser comes again. */
const MAX_BUFFERED_BYTES = 256 * 1024;
/** A line now and then shows a page that the runner is there, and the runner that the page is. */
const HEARTBEAT_MS = 15_000;

/**
 * `GET /api/devices`, the state of the services for devices, and `GET /api/devices/events`, a stream of server-sent
 * events (WHATWG HTML, section 9.2): the latest connections, an
 * event `live`, then each one that comes, changes or closes.
 */
export function routeDevices(
  http: FastifyInstance,
  { devices, publicOrigins, gate }: { devices: Devices; publicOrigins: string[]; gate: Gate | null },
): void {
  let watchers = 0;

  http.get('/api/devices', async (_request, reply) => reply.header('Cache-Control', 'no-store').send(devices.state()));

  http.get('/api/devices/events', (request, reply) => {
    const { origin, host } = request.headers;
    // A browser names the origin of a foreign page. A page of this runner sends none with a plain GET (Fetch, section 3.2).
    if (origin !== undefined && !isOwnOrigin(origin, host, publicOrigins)) {
      return reply.code(403).send({ message: 'Expected a page of this runner as the Origin.' });
    }
    // It tells addresses of people.
    if (gate !== null && !gate.hasJoined(request.headers)) {
      return reply.code(403).send({ message: 'This runner asks for its join code first.' });
    }
    const state = devices.state().state;
    // No content tells the browser not to come again.
    if (state === 'off') return reply.code(204).send();
    if (watchers >= MAX_WATCHERS) return reply.code(503).send({ message: 'Too many pages watch for devices. Try again later.' });

    reply.hijack();
    const stream = reply.raw;
    const say = (text: string) => {
      if (stream.writableLength > MAX_BUFFERED_BYTES) stream.destroy();
      else stream.write(text);
    };
    const tell = (sighting: DeviceSighting) => say(`data: ${JSON.stringify(sighting)}\n\n`);
    stream.writeHead(200, {
      'Content-Type': 'text/event-stream',
      'Cache-Control': 'no-store',
      // A proxy that collects an answer before it passes it on would hold the events back.
      'X-Accel-Buffering': 'no',
    });
    say(': watching\n\n');
    for (const sighting of devices.sightings()) tell(sighting);
    // What was before is told; the rest happens while the page watches.
    say('event: live\ndata:\n\n');
    watchers++;
    const unwatch = devices.onSighting(tell);
    const heartbeat = setInterval(() => say(':\n\n'), HEARTBEAT_MS);
    stream.once('close', () => {
      clearInterval(heartbeat);
      unwatch();
      watchers--;
    });
    return reply;
  });
}
