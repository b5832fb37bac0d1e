import assert from 'node:assert/strict';
import { test } from 'node:test';
import { snippetNamed, snippetsOf } from './snippet-files.ts';

const program = (file: string) => ({ files: [file], run: ['python3', file] });
const manifest = {
  title: 'Python',
  language: 'python',
  since: '3.10',
  programs: { client: program('client.py'), server: program('server.py') },
  port: 8262,
  promises: 'multipath',
};
const files = {
  '/snippets/python/manifest.json': JSON.stringify(manifest),
  '/snippets/python/client.py': 'print("client")\n',
  '/snippets/python/server.py': 'print("server")\n',
  '/snippets/python/notes.txt': 'of no interest',
};

test('a snippet holds its manifest and exactly the bytes of the files that it names', () => {
  assert.deepEqual(snippetsOf(files), [
    {
      id: 'python',
      manifest: { ...manifest, kind: 'language', speaks: 'hello', how: 'direct', environment: {}, experiments: [] },
      sources: { 'client.py': 'print("client")\n', 'server.py': 'print("server")\n' },
    },
  ]);
});

test('a language speaks hello and a program what its own server speaks, unless the manifest says otherwise', () => {
  const speaks = (more: object) =>
    snippetsOf({ ...files, '/snippets/python/manifest.json': JSON.stringify({ ...manifest, ...more }) })[0]?.manifest.speaks;
  assert.equal(speaks({}), 'hello');
  assert.equal(speaks({ kind: 'program' }), 'own');
  assert.equal(speaks({ speaks: 'own' }), 'own');
  assert.equal(speaks({ kind: 'program', speaks: 'hello' }), 'hello');
});

test('snippets come sorted by title', () => {
  const c = Object.fromEntries(
    Object.entries(files).map(([path, text]) => [
      path.replace('python', 'zz-c'),
      text.replace('"title":"Python"', '"title":"C"'),
    ]),
  );
  assert.deepEqual(
    snippetsOf({ ...files, ...c }).map((snippet) => snippet.id),
    ['zz-c', 'python'],
  );
});

test('a faulty manifest is told by file, field, expected and found', () => {
  const faulty = JSON.stringify({ ...manifest, port: 'eighty' });
  assert.throws(
    () => snippetsOf({ ...files, '/snippets/python/manifest.json': faulty }),
    /snippets\/python\/manifest\.json: port: expected number, found "eighty"/,
  );
});

test('an experiment whose text does not stand once in its file is told', () => {
  const edits = [{ find: 'no such line', replace: '' }];
  const faulty = JSON.stringify({
    ...manifest,
    experiments: [{ title: 'Try', file: 'client.py', edits, promises: 'plain-tcp' }],
  });
  assert.throws(
    () => snippetsOf({ ...files, '/snippets/python/manifest.json': faulty }),
    /manifest\.json: experiments: expected "no such line" of "Try" to stand once in client\.py, found it 0 times/,
  );
});

test('text that is no JSON and a file that is missing are both told', () => {
  const { '/snippets/python/server.py': _, ...rest } = files;
  const broken = { ...rest, '/snippets/c/manifest.json': '{' };
  assert.throws(
    () => snippetsOf(broken),
    /c\/manifest\.json: \(whole file\): expected JSON[\s\S]*python\/manifest\.json: programs: expected the file server\.py/,
  );
});

test('an unknown snippet is told with the known ones', () => {
  assert.throws(() => snippetNamed('pyhton', snippetsOf(files)), /No snippet "pyhton"\. Known: python/);
});
