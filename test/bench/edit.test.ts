import assert from 'node:assert/strict';
import { join } from 'node:path';
import { test } from 'node:test';
import { readSnippets } from '../../protocol/read-snippets.ts';
import { editedSource } from './edit.ts';

test('an edit is a comment of its own at the end', () => {
  assert.equal(editedSource('haskell', 'main = pure ()\n', 7), 'main = pure ()\n-- edit 7\n');
  assert.throws(() => editedSource('cobol', '', 1), /How does cobol write a comment\?/);
});

test('the sources of every language can be edited', () => {
  for (const { id, manifest } of readSnippets(join(import.meta.dirname, '../../snippets'))) {
    if (manifest.kind !== 'language') continue;
    assert.doesNotThrow(() => editedSource(manifest.language, '', 1), `${id}: a comment of ${manifest.language} is not known`);
  }
});
