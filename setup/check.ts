import { type CheckResult, runChecks } from './checks.ts';

/** `npm run check`: format, lint, types and pages, at the same time; prints what failed. */
const results = await runChecks();
for (const result of results) printCheck(result);
process.exitCode = results.every(({ passed }) => passed) ? 0 : 1;

function printCheck({ title, passed, seconds, output }: CheckResult): void {
  if (!passed) console.log(output);
  console.log(`${passed ? 'ok    ' : 'failed'}  ${title}, ${seconds} s`);
}
