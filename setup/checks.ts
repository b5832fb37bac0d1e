import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { top } from './site-build.ts';

export type CheckResult = { title: string; passed: boolean; seconds: number; output: string };

const CHECKS = [
  { title: 'Biome: format, lint, import directions', command: ['biome', 'ci', '--error-on-warnings', '--colors=off', '.'] },
  { title: 'tsc: types', command: ['tsc', '--noEmit'] },
  // Astro's templates are beyond Biome and tsc.
  {
    title: 'astro check: pages',
    command: ['astro', 'check', '--minimumFailingSeverity', 'warning', '--minimumSeverity', 'warning'],
  },
];

/** All checks of the sources, at the same time. */
export function runChecks(): Promise<CheckResult[]> {
  return Promise.all(CHECKS.map(({ title, command }) => runCheck(title, command)));
}

async function runCheck(title: string, [program = '', ...args]: string[]): Promise<CheckResult> {
  const startedMs = performance.now();
  const child = spawn(join(top, 'node_modules/.bin', program), args, { cwd: top, stdio: ['ignore', 'pipe', 'pipe'] });
  const printed: Buffer[] = [];
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk: Buffer) => printed.push(chunk));
  const { promise, resolve } = Promise.withResolvers<number | null>();
  child.once('close', resolve);
  const code = await promise;
  const seconds = Math.round((performance.now() - startedMs) / 1000);
  return { title, passed: code === 0, seconds, output: Buffer.concat(printed).toString() };
}
