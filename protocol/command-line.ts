import type { Manifest, Program } from './manifest.ts';

/** What to type at a shell of a lab's host, in whose home the snippet's folder is: a line of sh(1) that builds and runs it. */
export function commandLine(snippet: string, { build, run }: Program, environment: Manifest['environment'] = {}): string {
  const variables = Object.entries(environment).map(([name, value]) => `${name}=${quoted(value)} `);
  const steps = [...(build === undefined ? [] : [build]), run].map(
    (words) => `${variables.join('')}${words.map(quoted).join(' ')}`,
  );
  return `(cd ${snippet} && ${steps.join(' && ')})`;
}

function quoted(word: string): string {
  return /^[\w@%+=:,./-]+$/.test(word) ? word : `'${word.replaceAll("'", "'\\''")}'`;
}
