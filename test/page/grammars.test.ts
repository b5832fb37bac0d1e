import assert from 'node:assert/strict';
import { test } from 'node:test';
import { readDeviceSnippets } from '../../protocol/read-device-snippets.ts';
import { readSnippets } from '../../protocol/read-snippets.ts';
import { loadLanguage } from '../../site/live/editor/language.ts';

for (const { id, manifest } of [...readSnippets('snippets'), ...readDeviceSnippets('snippets')]) {
  test(`the sources of ${id} have the grammar ${manifest.language}`, async () => {
    assert.notEqual(await loadLanguage(manifest.language), null);
  });
}
