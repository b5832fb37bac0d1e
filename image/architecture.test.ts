import assert from 'node:assert/strict';
import { test } from 'node:test';
import { architecture } from './architecture.ts';
import { mmdebstrapArguments } from './mmdebstrap.ts';
import { readRecipe, recipeHash } from './recipe.ts';

test("without ARCHITECTURE an image is for this machine's own processor, and named by it", () => {
  assert.equal(architecture(undefined), process.arch);
  assert.equal(architecture(''), process.arch);
  assert.equal(architecture('amd64', 'x64'), 'x64');
});

test('ARCHITECTURE names another one, as Debian or as Node does', () => {
  assert.equal(architecture('arm64', 'x64'), 'arm64');
  assert.equal(architecture('x64', 'x64'), 'x64');
  assert.equal(architecture('arm64', 'arm64'), 'arm64');
});

test('one for which no image can be made here is told', () => {
  assert.throws(() => architecture('riscv64', 'x64'), /^Error: ARCHITECTURE: expected amd64 or arm64, found riscv64$/);
  assert.throws(() => architecture('amd64', 'arm64'), /expected arm64, found amd64/);
});

test('an image for another processor has a name of its own, and its packages are of that port', (t) => {
  const paths = { downloads: '/d', tar: '/t' };
  const [own, ownArguments] = [recipeHash(readRecipe()), mmdebstrapArguments(readRecipe(), paths)];
  assert.ok(!ownArguments.some((argument) => argument.startsWith('--architectures')));
  const before = process.env['ARCHITECTURE'];
  t.after(() => {
    if (before === undefined) delete process.env['ARCHITECTURE'];
    else process.env['ARCHITECTURE'] = before;
  });
  process.env['ARCHITECTURE'] = 'arm64';
  if (process.arch === 'arm64') return assert.equal(recipeHash(readRecipe()), own);
  assert.notEqual(recipeHash(readRecipe()), own);
  assert.ok(mmdebstrapArguments(readRecipe(), paths).includes('--architectures=arm64'));
});
