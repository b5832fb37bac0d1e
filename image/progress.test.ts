import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { readProgress } from './progress.ts';

/** Printed by `mmdebstrap --verbose` of this recipe; lines of no interest and the mirror's address left out. */
const captured = readFileSync(join(import.meta.dirname, 'fixtures/mmdebstrap-1.3.5.txt'), 'utf8')
  .trimEnd()
  .split('\n');

test('progress never goes back and names each part in its order', () => {
  const reader = readProgress();
  const seen = captured.map((line) => reader.line(line));
  const percents = seen.map(({ percent }) => percent);
  assert.deepEqual(
    percents,
    percents.toSorted((a, b) => a - b),
  );
  assert.deepEqual(
    [...new Set(seen.map(({ phase }) => phase))],
    [
      'reading package lists',
      'downloading the base system',
      'extracting the base system',
      'installing the base system',
      'downloading compilers and tools',
      'installing compilers and tools',
      "compiling Python's library",
      'packing',
    ],
  );
  assert.deepEqual(reader.begin('tools'), { phase: "compiling the lab's programs", percent: 80 });
});

test('downloads and packages move the percentage within their part, to its end', () => {
  const reader = readProgress();
  const last = new Map<string, { from: number; to: number; steps: Set<number> }>();
  for (const line of captured) {
    const { phase, percent } = reader.line(line);
    const entry = last.get(phase) ?? { from: percent, to: percent, steps: new Set() };
    entry.to = percent;
    entry.steps.add(percent);
    last.set(phase, entry);
  }
  assert.equal(last.get('downloading compilers and tools')?.to, 30);
  assert.equal(last.get('installing the base system')?.to, 16);
  assert.equal(last.get('installing compilers and tools')?.to, 50);
  assert.ok((last.get('downloading compilers and tools')?.steps.size ?? 0) > 10);
  assert.ok((last.get('installing compilers and tools')?.steps.size ?? 0) > 10);
});

test('packages that were downloaded before do not count as bytes to get', () => {
  const reader = readProgress();
  reader.line('I: installing remaining packages inside the chroot...');
  reader.line('0 upgraded, 83 newly installed, 0 to remove and 0 not upgraded.');
  assert.equal(reader.line('Need to get 0 B/71.4 MB of archives.').percent, 16);
  assert.equal(reader.line('Selecting previously unselected package libexpat1:amd64.').phase, 'installing compilers and tools');
});

test('a package that a language needs names the language, until the next one does', () => {
  const reader = readProgress(new Map([['ghc', 'Haskell']]));
  reader.line('I: installing remaining packages inside the chroot...');
  reader.line('0 upgraded, 4 newly installed, 0 to remove and 0 not upgraded.');
  assert.equal(reader.line('Unpacking libexpat1:amd64 (2.7.1-2) ...').phase, 'installing compilers and tools');
  assert.equal(reader.line('Unpacking ghc (9.6.6-4) ...').phase, 'installing compilers and tools: Haskell');
  assert.equal(reader.line('Setting up libexpat1:amd64 (2.7.1-2) ...').phase, 'installing compilers and tools: Haskell');
  assert.equal(reader.line('I: creating tarball...').phase, 'packing');
});

test('what is compiled moves the percentage within its part', () => {
  const reader = readProgress();
  const { percent: from } = reader.begin('builds');
  assert.deepEqual(reader.reached(0, 2, 'Go'), { phase: 'compiling the programs: Go', percent: from });
  assert.deepEqual(reader.reached(2, 2, 'Swift'), { phase: 'compiling the programs: Swift', percent: 100 });
});
