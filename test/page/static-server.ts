import { readFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import { extname, join, normalize } from 'node:path';

const TYPES: Record<string, string> = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript',
  '.css': 'text/css',
  '.json': 'application/json',
  '.svg': 'image/svg+xml',
  '.woff2': 'font/woff2',
};

export type StaticServer = AsyncDisposable & { origin: string };

/** Serves a built site under a base path as any static host would: folders by their index.html, else 404.html with 404. */
export async function serveFolder(folder: string, base: string): Promise<StaticServer> {
  const server = createServer(async (request, response) => {
    const { pathname } = new URL(request.url ?? '/', 'http://localhost');
    const inside = pathname.startsWith(base) ? normalize(`/${decodeURIComponent(pathname.slice(base.length))}`) : null;
    const path = inside?.endsWith('/') ? `${inside}index.html` : inside;
    const file = path === null ? null : await readFile(join(folder, path)).catch(() => null);
    const body = file ?? (await readFile(join(folder, '404.html')));
    const type = file ? (TYPES[extname(path ?? '')] ?? 'application/octet-stream') : 'text/html; charset=utf-8';
    response.writeHead(file ? 200 : 404, { 'content-type': type }).end(body);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('expected a port, found none');
  return {
    origin: `http://127.0.0.1:${address.port}`,
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
