import assert from 'node:assert/strict';
import { test } from 'node:test';
import { languageOfFile, loadLanguage } from './language.ts';
import { sourceLines } from './source-lines.ts';

const source = '#include <errno.h>\n\nint main(void) {\n  return socket(AF_INET, SOCK_STREAM, 262); /* two\n  lines */\n}\n';

for (const language of ['c', 'python', 'go', 'elixir', 'erlang', 'php', 'shell', 'no such language']) {
  test(`the lines in ${language} together are the source, byte by byte`, async () => {
    const lines = sourceLines(source, await loadLanguage(language));
    assert.equal(lines.map((line) => line.map((piece) => piece.text).join('')).join('\n'), source);
    assert.equal(lines.length, 7);
  });
}

test('a grammar that reads line by line tells keywords and strings apart too', async () => {
  const pieces = sourceLines('package main\nvar s = "mptcp"\n', await loadLanguage('go')).flat();
  assert.equal(pieces.find(({ text }) => text === 'package')?.color, 'code-keyword');
  assert.equal(pieces.find(({ text }) => text === '"mptcp"')?.color, 'code-string');
});

test('the command of a snippet is a shell script, whatever its program is in', () => {
  assert.equal(languageOfFile('client.sh', 'java'), 'shell');
  assert.equal(languageOfFile('Client.java', 'java'), 'java');
});

test('keywords, calls, numbers and comments are told apart, a comment over all its lines', async () => {
  const colorOf = new Map(
    sourceLines(source, await loadLanguage('c')).flatMap((line) => line.map((piece) => [piece.text.trim(), piece.color])),
  );
  assert.equal(colorOf.get('return'), 'code-keyword');
  assert.equal(colorOf.get('socket'), 'code-function');
  assert.equal(colorOf.get('262'), 'code-number');
  assert.equal(colorOf.get('/* two'), 'code-comment');
  assert.equal(colorOf.get('lines */'), 'code-comment');
});
