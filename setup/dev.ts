import { dev } from 'astro';
import { ensureImage } from './image-build.ts';
import { top } from './site-build.ts';

/** `npm run dev`: the site by Astro's development server, which follows every change, beside a runner. */
const SITE_PORT = 4321;
const origins = [`http://localhost:${SITE_PORT}`, `http://127.0.0.1:${SITE_PORT}`];

const imageReady = ensureImage();
const { serve } = await import('../runner/main.ts');
const runner = await serve({ ...process.env, PORT: process.env.PORT ?? '0', PUBLIC_ORIGINS: origins.join(',') });
const site = await dev({
  root: top,
  // Astro refuses /api/status for its missing slash before the proxy sees it.
  trailingSlash: 'ignore',
  server: { host: '127.0.0.1', port: SITE_PORT },
  vite: { server: { strictPort: true, proxy: { '/api': { target: runner.address, ws: true } } } },
});
for (const name of ['SIGINT', 'SIGTERM', 'disconnect'] as const) process.once(name, stop);
await imageReady;

function stop(): void {
  void Promise.all([site.stop(), runner.close()]).then(() => process.exit(0));
}
