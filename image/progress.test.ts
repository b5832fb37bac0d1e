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
  assert.deepEqual(reader.begin('tools'), { phase: "compiling the lab's programs", percent: 98 });
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
  assert.equal(last.get('downloading compilers and tools')?.to, 55);
  assert.equal(last.get('installing the base system')?.to, 38);
  assert.equal(last.get('installing compilers and tools')?.to, 76);
  assert.ok((last.get('downloading compilers and tools')?.steps.size ?? 0) > 10);
  assert.ok((last.get('installing compilers and tools')?.steps.size ?? 0) > 15);
});

test('packages that were downloaded before do not count as bytes to get', () => {
  const reader = readProgress();
  reader.line('I: installing remaining packages inside the chroot...');
  reader.line('0 upgraded, 83 newly installed, 0 to remove and 0 not upgraded.');
  assert.equal(reader.line('Need to get 0 B/71.4 MB of archives.').percent, 38);
  assert.equal(reader.line('Selecting previously unselected package libexpat1:amd64.').phase, 'installing compilers and tools');
});
