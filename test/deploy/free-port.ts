import { once } from 'node:events';
import { createServer, type Server } from 'node:net';

/** A port of the loopback address that nobody listens on, for a program that cannot be handed a socket. */
export async function freePort(): Promise<number> {
  await using server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  return portOf(server);
}

export function portOf(server: Server): number {
  const address = server.address();
  return typeof address === 'object' && address !== null ? address.port : 0;
}
