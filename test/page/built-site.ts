import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

const root = fileURLToPath(new URL('../../', import.meta.url));

/** Builds the site into a folder of its own, for a base path, as an operator does: by `BASE`. */
export async function buildSite(outDir: string, base: string): Promise<void> {
  const argv = ['node_modules/astro/bin/astro.mjs', 'build', '--outDir', outDir];
  const env = { ...process.env, BASE: base, ASTRO_TELEMETRY_DISABLED: '1' };
  await promisify(execFile)(process.execPath, argv, { cwd: root, env });
}
