import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { afterEach, beforeEach, test } from 'node:test';
import { thisBuilder } from './builder.ts';
import {
  cacheNames,
  cachePath,
  cacheScripts,
  imageDir,
  imageRoot,
  readImageState,
  recipe,
  stateFile,
  toolPath,
  toolSources,
  toolsDir,
} from './location.ts';
import { lockFile } from './lock.ts';

const before = process.env['IMAGE_DIR'];
let folder = '';

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'image-state-'));
  process.env['IMAGE_DIR'] = folder;
});

afterEach(() => {
  if (before === undefined) delete process.env['IMAGE_DIR'];
  else process.env['IMAGE_DIR'] = before;
  rmSync(folder, { recursive: true });
});

test('IMAGE_DIR wins, then XDG_CACHE_HOME for a user, and root has the system folder', () => {
  assert.equal(imageDir({ IMAGE_DIR: '/x' }), '/x');
  const expected = process.getuid?.() === 0 ? '/var/lib/hello-mptcp/image' : '/c/hello-mptcp/image';
  assert.equal(imageDir({ XDG_CACHE_HOME: '/c' }), expected);
});

test('a snippet sees the cache that its manifest names, also in an image without the other snippet', () => {
  const languages = process.env['LANGUAGES'];
  process.env['LANGUAGES'] = 'godebug';
  try {
    assert.deepEqual(
      cacheScripts().map((path) => basename(path)),
      ['go.sh'],
    );
    assert.match(cacheNames().get('godebug') ?? '', /^go-/);
  } finally {
    if (languages === undefined) delete process.env['LANGUAGES'];
    else process.env['LANGUAGES'] = languages;
  }
});

test('a living builder is building, at its phase and percentage', () => {
  writeFileSync(stateFile(), JSON.stringify({ state: 'building', phase: 'packing', percent: 90, builder: thisBuilder() }));
  assert.deepEqual(readImageState(), { state: 'building', phase: 'packing', percent: 90 });
});

test('a builder that was killed is not building any more', async () => {
  const builder = spawn(
    process.execPath,
    [
      '--input-type=module',
      '-e',
      `import { writeFileSync } from 'node:fs';
       import { thisBuilder } from ${JSON.stringify(join(import.meta.dirname, 'builder.ts'))};
       writeFileSync(process.argv[1], JSON.stringify({ state: 'building', phase: 'packing', percent: 90, builder: thisBuilder() }));
       console.log('written');
       setInterval(() => {}, 1000);`,
      stateFile(),
    ],
    { stdio: ['ignore', 'pipe', 'inherit'] },
  );
  await once(builder.stdout, 'data');
  assert.equal(readImageState().state, 'building');
  builder.kill('SIGKILL');
  await once(builder, 'exit');
  assert.deepEqual(readImageState(), { state: 'absent' });
});

test('a later process with the same pid is not taken for the builder', () => {
  writeFileSync(
    stateFile(),
    JSON.stringify({ state: 'building', phase: 'packing', percent: 90, builder: { pid: process.pid, startTicks: '1' } }),
  );
  assert.deepEqual(readImageState(), { state: 'absent' });
});

test('a failure keeps its sentence; a state file cut short counts as none', () => {
  writeFileSync(stateFile(), JSON.stringify({ state: 'failed', message: 'The disk is full' }));
  assert.deepEqual(readImageState(), { state: 'failed', message: 'The disk is full' });
  writeFileSync(stateFile(), '{"state":"fail');
  assert.deepEqual(readImageState(), { state: 'absent' });
});

test('the image is ready when its root, all tools and all caches are there, not when it is half-built', () => {
  mkdirSync(join(folder, `${recipe()}.partial/root`), { recursive: true });
  assert.deepEqual(readImageState(), { state: 'absent' });
  mkdirSync(imageRoot(), { recursive: true });
  mkdirSync(toolsDir());
  for (const source of toolSources()) writeFileSync(toolPath(source), '');
  for (const script of cacheScripts()) {
    assert.deepEqual(readImageState(), { state: 'absent' });
    mkdirSync(cachePath(script), { recursive: true });
  }
  assert.deepEqual(readImageState(), { state: 'ready', recipe: recipe() });
});

test('two take the lock one after the other, also when the first removes the file', async () => {
  const path = join(folder, 'lock');
  const order: string[] = [];
  const first = await lockFile(path);
  const second = lockFile(path).then((lock) => {
    order.push('second has it');
    return lock;
  });
  rmSync(path);
  order.push('first lets go');
  first[Symbol.dispose]();
  using _second = await second;
  assert.deepEqual(order, ['first lets go', 'second has it']);
  const stop = new AbortController();
  const third = lockFile(path, stop.signal);
  stop.abort();
  await assert.rejects(third, { name: 'AbortError' });
});
