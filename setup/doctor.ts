import { asPublished } from '../deploy/published.ts';
import type { Finding } from '../runner/preflight/finding.ts';
import { preflight } from '../runner/preflight/preflight.ts';
import { visitors } from '../runner/preflight/visitors.ts';

/** `npm run doctor`: what this machine gives to labs and what would mend the rest. `--json` for programs. */
const findings = [...(await preflight()), visitors(asVisited(process.env))];
if (process.argv.includes('--json')) console.log(JSON.stringify(findings, null, 2));
else for (const line of doctorLines(findings)) console.log(line);
process.exitCode = findings.some(({ necessary, state }) => necessary && state === 'missing') ? 1 : 0;

/** Visitors of a container or a virtual machine come by the address that it is published on. */
function asVisited(environment: NodeJS.ProcessEnv): Record<string, string | undefined> {
  const published = environment['PUBLISHED'];
  return published ? { ...asPublished(environment), HOST: new URL(`http://${published}`).hostname } : environment;
}

function doctorLines(found: Finding[]): string[] {
  const width = Math.max(...found.map(({ title }) => title.length));
  return found.flatMap(({ title, state, found: what, remedy }) => [
    `${state.padEnd('limited'.length)}  ${title.padEnd(width)}  ${what}`,
    ...(remedy === null ? [] : [`${''.padEnd('limited'.length + width + 4)}${remedy}`]),
  ]);
}
