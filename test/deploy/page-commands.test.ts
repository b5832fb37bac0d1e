import assert from 'node:assert/strict';
import { globSync, readFileSync } from 'node:fs';
import { describe, test } from 'node:test';
import { blocksOf, isCommand, pageBlocks } from './page-commands.ts';

describe('commands on the pages under /self-host/', () => {
  const tests = globSync('test/**/*.test.ts').map((file) => readFileSync(file, 'utf8'));
  const isRun = (page: string, name: string) => tests.some((source) => source.includes(`'${page}', '${name}'`));

  for (const block of pageBlocks()) {
    const { page, attributes, text } = block;
    const { test: name, file, untested } = attributes;
    const title = text.split('\n', 1)[0] ?? '';
    if (name !== undefined)
      test(`${page}: "${title}" is run by a test`, () => {
        assert.ok(isRun(page, name), `expected a test with runPageCommand('${page}', '${name}') in test/, found none`);
      });
    else if (file !== undefined)
      test(`${page}: "${title}" stands in ${file}`, () => {
        assert.ok(readFileSync(file, 'utf8').includes(text), `expected this in ${file}:\n${text}`);
      });
    else if (isCommand(block))
      test(`${page}: "${title}" says how it is proved`, (context) => {
        assert.ok(untested, 'expected test="…", file="…" or untested="why" behind the language of the block');
        context.diagnostic(`not run: ${untested}`);
      });
  }

  test('are found in a page as they stand there', () => {
    const page = ['```sh test="one"', 'echo 1', '```', '1. A step', '   ```sh untested="needs a Mac"', '   brew', '   ```', ''];
    assert.deepEqual(blocksOf('p', page.join('\n')), [
      { page: 'p', language: 'sh', attributes: { test: 'one' }, text: 'echo 1\n' },
      { page: 'p', language: 'sh', attributes: { untested: 'needs a Mac' }, text: 'brew\n' },
    ]);
  });
});
