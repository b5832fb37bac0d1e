import assert from 'node:assert/strict';
import { globSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { test } from 'node:test';
import { HOME_TOPOLOGY } from '../protocol/topology.ts';
import { hostsFile } from './hosts.ts';
import { inNamespaces, mmdebstrapArguments } from './mmdebstrap.ts';
import { languages, parsePackages, readRecipe, recipeHash } from './recipe.ts';

const list = parsePackages('# the lab\n[base]\niproute2\n\n[c]\ngcc # the compiler\n  libc6-dev\n[go]\ngolang-go\n');

test('the package list has sections, with one name a line', () => {
  assert.deepEqual(
    [...list],
    [
      ['base', ['iproute2']],
      ['c', ['gcc', 'libc6-dev']],
      ['go', ['golang-go']],
    ],
  );
});

test('LANGUAGES chooses among the sections, and an unknown one is told', () => {
  assert.deepEqual(languages(list, ''), ['c', 'go']);
  assert.deepEqual(languages(list, 'go'), ['go']);
  assert.throws(() => languages(list, 'go,cobol'), /expected core, or names of c, go, found cobol/);
});

test('LANGUAGES=core leaves out languages that the package list has', () => {
  const sections = parsePackages(readFileSync(join(import.meta.dirname, 'packages.txt'), 'utf8'));
  const all = languages(sections, '');
  const leftOut = all.filter((name) => !languages(sections, 'core').includes(name));
  assert.ok(leftOut.includes('swift') && leftOut.includes('haskell'));
  assert.equal(leftOut.length, 10, 'each name that core leaves out is one of the list');
});

test('each snippet has a section in the package list, and each section a snippet', () => {
  // Code for other systems than the lab's has no manifest.json, and needs no packages.
  const snippets = globSync('*/manifest.json', { cwd: join(import.meta.dirname, '../snippets') }).map(dirname);
  const sections = parsePackages(readFileSync(join(import.meta.dirname, 'packages.txt'), 'utf8'));
  // All of them, also where LANGUAGES makes a smaller image.
  assert.deepEqual(languages(sections, '').toSorted(), snippets.toSorted());
});

test('each part of the recipe changes the name of the image', () => {
  const recipe = readRecipe();
  const changed = [
    recipe,
    { ...recipe, packages: [...recipe.packages, 'cmake'] },
    { ...recipe, customize: `${recipe.customize}\n` },
    { ...recipe, hosts: `${recipe.hosts}10.0.9.3 other\n` },
    { ...recipe, architecture: 'other' },
  ];
  assert.equal(new Set(changed.map(recipeHash)).size, changed.length);
  assert.match(recipeHash(recipe), /^[0-9a-f]{16}$/);
});

test('every host of the lab has its names, once for each address family', () => {
  const lines = hostsFile(HOME_TOPOLOGY).trimEnd().split('\n');
  assert.ok(lines.includes('10.0.9.1 server server.lab'));
  assert.ok(lines.includes('fd00:9::1 server server.lab'));
  assert.ok(lines.includes('10.0.1.2 client client.lab'));
  assert.ok(lines.includes('10.0.9.254 router router.lab'));
  assert.equal(lines.length, 2 + 2 * HOME_TOPOLOGY.hosts.length);
});

test('a folder with a quote and a space stays one word in the hooks', () => {
  const argv = mmdebstrapArguments(readRecipe(), { downloads: "/a b/it's", tar: '/t' });
  assert.ok(argv.some((argument) => argument.includes("mount --bind '/a b/it'\\''s' ")));
});

test('a user builds as root of a user namespace, root without one', () => {
  assert.ok(inNamespaces('user', ['true']).includes('--map-auto'));
  assert.ok(!inNamespaces('root', ['true']).some((argument) => argument.startsWith('--map')));
});
