import assert from 'node:assert/strict';
import { test } from 'node:test';
import { readSnippets } from '../../protocol/read-snippets.ts';
import { filesOfRun } from './request.ts';

const snippets = readSnippets('snippets');
const run = { type: 'run', run: 1, snippet: 'python', host: 'client', files: {}, columns: 80, rows: 24 } as const;

test('an edited file takes the place of the snippet\u2019s own', () => {
  const request = filesOfRun({ ...run, files: { 'client.py': 'pass' } }, { snippets, leftOut: [] });
  assert.ok('files' in request);
  assert.equal(request.files.get('client.py')?.toString(), 'pass');
  assert.match(request.files.get('server.py')?.toString() ?? '', /listening on port/);
});

test('a language that is not in the image is refused by its name', () => {
  assert.deepEqual(filesOfRun(run, { snippets, leftOut: ['haskell', 'python'] }), {
    refusal: {
      code: 'not-in-image',
      run: 1,
      message: 'Python is not in this runner\u2019s image: LANGUAGES left it out when the image was made.',
    },
  });
});
