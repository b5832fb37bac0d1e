import { once } from 'node:events';
import { connect, createServer, type Socket } from 'node:net';

/** A network between a page and its runner that a test can break. */
export type Wire = AsyncDisposable & {
  origin: string;
  leadTo(address: string): void;
  /** Breaks every connection, without a goodbye. */
  cut(): void;
  /** As `cut`, as soon as so many more bytes have passed, in both directions together. */
  cutAfter(bytes: number): void;
  /** Nothing passes any more, and nobody is told, as where a radio is out of reach. Until `thaw`. */
  freeze(): void;
  thaw(): void;
};

export async function openWire(): Promise<Wire> {
  const sockets = new Set<Socket>();
  let target = new URL('http://127.0.0.1/');
  let isFrozen = false;
  let bytesLeft = Number.POSITIVE_INFINITY;

  const cut = () => {
    bytesLeft = Number.POSITIVE_INFINITY;
    for (const socket of sockets) socket.resetAndDestroy();
  };
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
      socket.on('drain', () => isFrozen || other.resume());
      socket.on('end', () => other.end());
      socket.on('data', (chunk: Buffer) => {
        bytesLeft -= chunk.length;
        // Also in the middle of a frame.
        const passing = chunk.subarray(0, chunk.length + Math.min(0, bytesLeft));
        if (!other.destroyed && !other.write(passing)) socket.pause();
        if (bytesLeft <= 0) cut();
      });
      if (isFrozen) socket.pause();
    }
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('expected a port, found none');
  return {
    origin: `http://127.0.0.1:${address.port}`,
    leadTo(runner) {
      target = new URL(runner);
    },
    cut,
    cutAfter(bytes) {
      bytesLeft = bytes;
    },
    freeze() {
      isFrozen = true;
      for (const socket of sockets) socket.pause();
    },
    thaw() {
      isFrozen = false;
      for (const socket of sockets) socket.resume();
    },
    async [Symbol.asyncDispose]() {
      cut();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
