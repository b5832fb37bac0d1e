import { once } from 'node:events';
import { createServer } from 'node:http';
import type { Metrics } from '../metrics/metrics.ts';
import { isLoopbackHost, isOwnHost } from './origin.ts';

/** `GET /metrics` at an address of its own, which the site's visitors need not be able to reach. */
export type MetricsServer = { address: string; close(): Promise<void> };

/** Scrapers are few. */
const MAX_CONNECTIONS = 16;
const REQUEST_TIMEOUT_MS = 10_000;

/** @throws Error when the address is taken */
export async function openMetricsServer(
  { host, port }: { host: string; port: number },
  metrics: Metrics,
): Promise<MetricsServer> {
  const server = createServer((request, response) => {
    // A page of a stranger can make its own name point to 127.0.0.1; a cluster may give the runner any name.
    const isForeign = isLoopbackHost(host) && !isOwnHost(request.headers.host, []);
    if (isForeign) return response.writeHead(403).end('Expected the address of the runner as the Host.\n');
    if (request.method !== 'GET' || request.url?.split('?')[0] !== '/metrics') {
      return response.writeHead(404).end('Expected GET /metrics.\n');
    }
    return metrics.text().then(
      ({ body, type }) => response.writeHead(200, { 'Content-Type': type, 'Cache-Control': 'no-store' }).end(body),
      () => response.writeHead(500).end(),
    );
  });
  server.maxConnections = MAX_CONNECTIONS;
  server.requestTimeout = REQUEST_TIMEOUT_MS;
  server.listen({ host, port });
  await once(server, 'listening');
  const bound = server.address();
  const boundPort = typeof bound === 'object' && bound !== null ? bound.port : port;
  return {
    address: `http://${host.includes(':') ? `[${host}]` : host}:${boundPort}/metrics`,
    async close() {
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    },
  };
}
