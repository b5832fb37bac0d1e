import { existsSync } from 'node:fs';
import { join } from 'node:path';
import compress from '@fastify/compress';
import helmet from '@fastify/helmet';
import staticFiles from '@fastify/static';
import fastify, { type FastifyInstance } from 'fastify';
import type { Status } from '../../protocol/status.ts';
import { RUNNER_TIMING } from '../../protocol/version.ts';
import type { Devices } from '../devices/devices.ts';
import { contentPolicy } from './content-policy.ts';
import { routeDevices } from './device-routes.ts';
import { isOwnHost } from './origin.ts';

export type HttpWorld = {
  siteDir: string;
  publicOrigins: string[];
  status: () => Status;
  ready: () => boolean;
  devices: Devices;
};

const ONE_YEAR_SECONDS = 31_536_000;

/** The site, `/api/status`, `/api/devices`, `/healthz` and `/readyz`. Not listening yet. */
export async function openHttp(world: HttpWorld): Promise<FastifyInstance> {
  const http = fastify({ logger: false, bodyLimit: 1024, forceCloseConnections: true });

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

  http.get('/api/status', async (_request, reply) => reply.header('Cache-Control', 'no-store').send(world.status()));
  routeDevices(http, world.devices, world.publicOrigins);
  http.get('/healthz', async () => 'ok\n');
  http.get('/readyz', async (_request, reply) => (world.ready() ? 'ready\n' : reply.code(503).send('no lab can be had yet\n')));

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
