import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, readdirSync, rmSync, statSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, test } from 'node:test';
import { openDownloads } from './downloads.ts';
import { recipe } from './location.ts';

const before = { IMAGE_DIR: process.env['IMAGE_DIR'], LANGUAGES: process.env['LANGUAGES'] };
let folder = '';

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'image-downloads-'));
  process.env['IMAGE_DIR'] = folder;
});

afterEach(() => {
  for (const [name, value] of Object.entries(before)) {
    if (value === undefined) delete process.env[name];
    else process.env[name] = value;
  }
  rmSync(folder, { recursive: true });
});

/** What a build does with its folder: downloads what is missing, removes what it does not use. Returns what was missing. */
async function build(languages: string, packages: string[]): Promise<string[]> {
  process.env['LANGUAGES'] = languages;
  const own = await openDownloads();
  const missing = packages.filter((name) => !readdirSync(own).includes(`${name}.deb`));
  for (const name of missing) writeFileSync(join(own, `${name}.deb`), name);
  for (const name of readdirSync(own)) if (!packages.includes(name.replace('.deb', ''))) rmSync(join(own, name));
  return missing;
}

function haveImage(): void {
  mkdirSync(join(folder, recipe(), 'root'), { recursive: true });
}

test('an image with fewer languages takes no package from the one with more', async () => {
  assert.deepEqual(await build('c,go', ['libc', 'go']), ['libc', 'go']);
  haveImage();
  assert.deepEqual(await build('c', ['libc', 'gcc']), ['gcc'], 'what the other one has is not downloaded again');
  haveImage();
  assert.equal(statSync(join(folder, 'downloads', recipe(), 'libc.deb')).nlink, 2, 'it is there once');
  assert.deepEqual(await build('c,go', ['libc', 'go']), []);
});

test('a package whose download was cut short is not taken for a whole one', async () => {
  await build('c', ['libc']);
  const partial = join(folder, 'downloads', recipe(), 'partial');
  mkdirSync(partial);
  writeFileSync(join(partial, 'go.deb'), 'g');
  assert.deepEqual(await build('go', ['libc', 'go']), ['go']);
});

test('packages without an image are those of one recipe at most, the latest', async () => {
  const recipes: string[] = [];
  for (const [day, languages] of ['c', 'go', 'perl', 'ruby'].entries()) {
    await build(languages, ['libc', languages]);
    utimesSync(join(folder, 'downloads', recipe()), day, day);
    recipes.push(recipe());
    if (languages === 'c') haveImage();
  }
  assert.deepEqual(await build('lua', ['libc', 'ruby']), [], 'of the others it still takes all it can use');
  const [withImage, , , latest] = recipes;
  assert.deepEqual(readdirSync(join(folder, 'downloads')).sort(), [withImage, latest, recipe()].sort());
});
