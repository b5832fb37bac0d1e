import { existsSync } from 'node:fs';
import { join } from 'node:path';
import compress from '@fastify/compress';
import helmet from '@fastify/helmet';
import staticFiles from '@fastify/static';
import fastify, { type FastifyInstance } from 'fastify';
import type { JoinState, Status } from '../../protocol/status.ts';
import { RUNNER_TIMING } from '../../protocol/version.ts';
import type { Readiness } from '../admission.ts';
import type { Devices } from '../devices/devices.ts';
import { contentPolicy } from './content-policy.ts';
import { routeDevices } from './device-routes.ts';
import type { Gate } from './join/gate.ts';
import { type JoinRefusal, routeJoin } from './join/join-routes.ts';
import { isOwnHost } from './origin.ts';
import type { TrustedProxies } from './source-address.ts';

export type HttpWorld = {
  siteDir: string;
  publicOrigins: string[];
  clientSeconds: number;
  proxies: TrustedProxies;
  /** `null` where labs are for everybody who can open the site. */
  gate: Gate | null;
  onRefused: (reason: JoinRefusal) => void;
  status: () => Omit<Status, 'join'>;
  readiness: () => Readiness;
  devices: Devices;
};

const NOT_READY: Record<Exclude<Readiness, 'ready'>, string> = {
  starting: 'no lab was made yet',
  full: 'all labs or all sessions are in use',
  failing: 'labs cannot be made',
  closing: 'the runner is shutting down',
};

const ONE_YEAR_SECONDS = 31_536_000;

/** The site, `/api/status`, `/api/join`, `/api/devices`, `/healthz` and `/readyz`. Not listening yet. */
export async function openHttp(world: HttpWorld): Promise<FastifyInstance> {
  const patienceMs = world.clientSeconds * 1_000;
  const http = fastify({
    logger: false,
    bodyLimit: 1024,
    forceCloseConnections: true,
    // Sockets that never speak, heads and bodies that come by single bytes, and readers that stop reading.
    requestTimeout: patienceMs,
    connectionTimeout: patienceMs,
    http: { headersTimeout: patienceMs, connectionsCheckingInterval: patienceMs / 4 },
  });

  http.addHook('onRequest', async (request, reply) => {
    if (isOwnHost(request.headers.host, world.publicOrigins)) return;
    return reply
      .code(403)
      .type('text/plain')
      .send('This runner answers to its address and to localhost. PUBLIC_ORIGINS lists further names.\n');
  });

  await http.register(helmet, {
    contentSecurityPolicy: { useDefaults: false, directives: contentPolicy(world.siteDir) },
    // The runner speaks plain HTTP; what stands before it decides on HTTPS.
    strictTransportSecurity: false,
    crossOriginEmbedderPolicy: false,
  });

  await http.register(compress);

  const { gate, devices, publicOrigins, proxies, onRefused } = world;
  if (gate !== null) routeJoin(http, { gate, publicOrigins, proxies, onRefused });
  http.get('/api/status', async ({ headers }, reply) => {
    const join: JoinState = gate === null ? 'open' : gate.hasJoined(headers) ? 'joined' : 'code-wanted';
    return reply.header('Cache-Control', 'no-store').send({ ...world.status(), join } satisfies Status);
  });
  routeDevices(http, { devices, publicOrigins, gate });
  http.get('/healthz', async () => 'ok\n');
  http.get('/readyz', async (_request, reply) => {
    const readiness = world.readiness();
    return readiness === 'ready' ? 'ready\n' : reply.code(503).send(`${NOT_READY[readiness]}\n`);
  });

  await http.register(staticFiles, {
    root: world.siteDir,
    redirect: true,
    cacheControl: false,
    setHeaders(reply, path) {
      // Astro names these files by their content.
      const named = path.startsWith(join(world.siteDir, '_astro'));
      // So a page knows, without asking, that a runner is behind it.
      if (path.endsWith('.html')) reply.header('Server-Timing', RUNNER_TIMING);
      reply.header('Cache-Control', named ? `public, max-age=${ONE_YEAR_SECONDS}, immutable` : 'no-cache');
    },
  });
  http.setNotFoundHandler(async (request, reply) => {
    if (request.url.startsWith('/api/')) return reply.code(404).send({ message: `No ${request.method} ${request.url}.` });
    reply.code(404);
    return existsSync(join(world.siteDir, '404.html')) ? reply.sendFile('404.html') : 'Not found.\n';
  });
  return http;
}
