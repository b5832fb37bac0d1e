import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { cpSync, existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import type * as Registry from '../site/lessons/lessons.ts';
import { top } from './site-build.ts';

test('a new lesson is the last one of the course, with a page that has each part', async (context) => {
  const copy = mkdtempSync(join(tmpdir(), 'hello-new-lesson-'));
  context.after(() => rmSync(copy, { recursive: true }));
  for (const part of ['package.json', 'setup', 'site/lessons', 'site/content/docs/learn']) {
    cpSync(join(top, part), join(copy, part), { recursive: true });
  }
  const create = (...args: string[]) =>
    spawnSync(process.execPath, [join(copy, 'setup/new-lesson.ts'), ...args], { encoding: 'utf8' });

  const { status, stderr } = create('two-names', 'Two "names"');
  assert.equal(status, 0, stderr);
  const { lessons }: typeof Registry = await import(join(copy, 'site/lessons/lessons.ts'));
  const last = lessons.at(-1);
  assert.deepEqual([last?.id, last?.title], ['two-names', 'Two "names"']);
  const page = readFileSync(join(copy, 'site/content/docs/learn/two-names.mdx'), 'utf8');
  for (const part of ['<Picture', '<Question', '<OwnMachine', '<Step lesson="two-names" id="connect"', '[^rfc]: ']) {
    assert.ok(page.includes(part), part);
  }

  assert.equal(create('two-names', 'Again').status, 2);
  assert.equal(create('Two Names', 'Names').status, 2);
  assert.equal(existsSync(join(copy, 'site/lessons/Two Names.ts')), false);
});
