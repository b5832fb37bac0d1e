import { once } from 'node:events';
import { connect, createServer, type Socket } from 'node:net';

/** A network between a page and its runner that a test can cut. */
export type Wire = AsyncDisposable & {
  origin: string;
  leadTo(address: string): void;
  /** Breaks every connection, without a goodbye. */
  cut(): void;
};

export async function openWire(): Promise<Wire> {
  const sockets = new Set<Socket>();
  let target = new URL('http://127.0.0.1/');
  const server = createServer((near) => {
    const far = connect(Number(target.port), target.hostname);
    for (const [socket, other] of [
      [near, far],
      [far, near],
    ] as const) {
      sockets.add(socket);
      socket.on('error', () => {});
      socket.on('close', () => {
        sockets.delete(socket);
        other.destroy();
      });
      socket.pipe(other);
    }
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('expected a port, found none');
  const cut = () => {
    for (const socket of sockets) socket.resetAndDestroy();
  };
  return {
    origin: `http://127.0.0.1:${address.port}`,
    leadTo(runner) {
      target = new URL(runner);
    },
    cut,
    async [Symbol.asyncDispose]() {
      cut();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
