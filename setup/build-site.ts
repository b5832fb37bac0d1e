import { rmSync, writeFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { build } from 'astro';
import { builtFromFile, siteDir, siteFingerprint, sitePlace, top } from './site-build.ts';

/**
 * `npm run build`: the static site, for any host and, by BASE, any path. `--out FOLDER` puts it elsewhere than dist.
 * astro.config.mjs reads BASE and SITE.
 */
const { values } = parseArgs({ options: { out: { type: 'string', default: siteDir } } });
const out = resolve(values.out);

// Whoever waited for the site is gone.
process.once('disconnect', () => process.exit(1));
process.channel?.unref();

const fingerprint = siteFingerprint(top, sitePlace());
rmSync(builtFromFile(out), { force: true });
await build({ root: top, outDir: out, logLevel: process.channel === undefined ? 'info' : 'warn' });
writeFileSync(builtFromFile(out), fingerprint);
