import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { writeRootTar } from './tar.ts';

const STATUS = `Package: bash
Status: install ok installed
Architecture: amd64
Version: 5.2.37-2+b10

Package: gone
Status: deinstall ok config-files
Architecture: all
Version: 1
`;

test('two roots that were made in another order at another time become the same tar', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'hello-mptcp-tar-'));
  try {
    const make = (name: string, files: string[], seconds: number) => {
      const root = join(folder, name);
      mkdirSync(join(root, 'var/lib/dpkg'), { recursive: true });
      for (const file of [...files, 'var/lib/dpkg/status']) {
        writeFileSync(join(root, file), file.endsWith('status') ? STATUS : file);
        utimesSync(join(root, file), seconds, seconds);
      }
      return writeRootTar(root, join(folder, `${name}.tar`));
    };
    const one = await make('one', ['a', 'b', 'c'], 1_800_000_000);
    const other = await make('other', ['c', 'b', 'a'], 1_900_000_000);
    assert.equal(one.sha256, other.sha256);
    assert.deepEqual(readFileSync(one.file), readFileSync(other.file));
    assert.notEqual(one.sha256, (await make('more', ['a', 'b', 'c', 'd'], 1_800_000_000)).sha256);
    assert.equal(readFileSync(one.list, 'utf8'), 'bash 5.2.37-2+b10 amd64\n', 'only what is installed is listed');
  } finally {
    rmSync(folder, { recursive: true });
  }
});
