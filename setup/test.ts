import { globSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import { finished } from 'node:stream/promises';
import { run } from 'node:test';
import { spec } from 'node:test/reporters';
import { readImageState } from '../image/location.ts';
import { runChecks } from './checks.ts';
import { ensureImage } from './image-build.ts';
import { ensureSite, top } from './site-build.ts';
import { ensureSystemPackages } from './system-packages.ts';

/**
 * `npm test`: sets up what is missing, checks the sources, runs all tests. Words after it, as in `npm test -- lab`, choose
 * the test files whose path contains one of them, and leave out the checks.
 * The last line is `N passed, N failed`. REQUIRE_LAB=1 makes a failure of each skip whose need is named in test/require.ts.
 * PROVE_ARM64=1 also makes a machine for arm64 by emulation and tries it (test/deploy/arm64.test.ts).
 */
type Tally = { passed: number; failed: number; skipped: string[] };

/** A file that hangs is a failed one. The longest visit every page, and do every lesson: four to five minutes on two cores. */
const TEST_TIMEOUT_MS = process.env['PROVE_ARM64'] === '1' ? 3_600_000 : 600_000;

process.once('disconnect', () => process.exit(1));
process.channel?.unref();

const words = process.argv.slice(2);
const tally: Tally = { passed: 0, failed: 0, skipped: [] };

for (const { sentence } of await ensureSystemPackages('tests')) console.error(sentence);
const imageReady = ensureImage();
const fault = await ensureSite(readImageState().state !== 'ready');
if (fault !== null) count('the site builds', false, fault);
if (words.length === 0) {
  for (const { title, passed, seconds, output } of await runChecks()) count(`${title}, ${seconds} s`, passed, output);
}
if (!(await imageReady)) count('the image is ready', false, '"npm run image" says more');

const files = globSync('**/*.test.ts', { cwd: top, exclude: ['node_modules/**', 'dist/**', '.*/**'] })
  .filter((file) => words.length === 0 || words.some((word) => file.includes(word)))
  .sort();
if (files.length === 0)
  count(
    `there are tests for ${words.join(', ')}`,
    false,
    'Words choose test files by a part of their path, such as "runner/" or "page"',
  );
const needMachine = files.filter((file) => file.startsWith('test/'));
await runTests(
  files.filter((file) => !needMachine.includes(file)),
  availableParallelism(),
);
// Labs and browsers, one file after the other: what they measure should not depend on what runs beside.
await runTests(needMachine, 1);

if (tally.skipped.length > 0) console.log(`Skipped:\n${tally.skipped.map((line) => `  ${line}`).join('\n')}`);
process.exitCode = tally.failed === 0 ? 0 : 1;
console.log(`${tally.passed} passed, ${tally.failed} failed`);

function count(title: string, passed: boolean, output: string): void {
  if (!passed) console.log(output);
  console.log(`${passed ? '✔' : '✖'} ${title}`);
  if (passed) tally.passed += 1;
  else tally.failed += 1;
}

async function runTests(paths: string[], concurrency: number): Promise<void> {
  if (paths.length === 0) return;
  const tests = run({ files: paths.map((path) => join(top, path)), cwd: top, concurrency, timeout: TEST_TIMEOUT_MS });
  tests.on('test:pass', ({ name, skip, file }) => {
    if (skip !== undefined) tally.skipped.push(`${name}: ${skip}${file === undefined ? '' : ` (${file.slice(top.length + 1)})`}`);
  });
  tests.on('test:summary', ({ file, counts }) => {
    // Each file has a summary of its own; the one of all has no file.
    if (file !== undefined) return;
    tally.passed += counts.passed;
    tally.failed += counts.tests - counts.passed - counts.skipped - counts.todo;
  });
  const report = tests.compose(new spec());
  report.pipe(process.stdout, { end: false });
  await finished(report);
}
