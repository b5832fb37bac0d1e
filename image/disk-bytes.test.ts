import assert from 'node:assert/strict';
import { linkSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { diskBytes } from './disk-bytes.ts';

test('a file with two names counts once, and what a link leads to does not count', (context) => {
  const folder = mkdtempSync(join(tmpdir(), 'disk-bytes-'));
  context.after(() => rmSync(folder, { recursive: true }));
  const megabyte = Buffer.alloc(1e6, 'x');
  mkdirSync(join(folder, 'inside'));
  writeFileSync(join(folder, 'inside/file'), megabyte);
  const before = diskBytes(folder);
  assert.ok(before >= 1e6 && before < 1.1e6, `expected a megabyte, found ${before} bytes`);
  linkSync(join(folder, 'inside/file'), join(folder, 'second-name'));
  symlinkSync('/usr', join(folder, 'link'));
  assert.ok(diskBytes(folder) - before < 50_000);
});
