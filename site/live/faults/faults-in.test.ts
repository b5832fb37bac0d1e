import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { faultsIn, MAX_FAULTS } from './faults-in.ts';

/*
 * What the lab's terminals got from clients with an error in them; test/lab/faults.test.ts breaks the client of every
 * language anew. Here stand the outputs in which more than the error is to be told apart.
 */
const output = (name: string) => readFileSync(new URL(`fixtures/${name}.txt`, import.meta.url), 'utf8');
const LINES = '\n'.repeat(100);
const EXTENSIONS = [
  'c',
  'cpp',
  'd',
  'erl',
  'exs',
  'go',
  'hs',
  'lisp',
  'lua',
  'mjs',
  'ml',
  'pas',
  'php',
  'py',
  'rb',
  'rs',
  'sh',
  'tcl',
];
const SOURCES = Object.fromEntries(
  [...EXTENSIONS.map((extension) => `client.${extension}`), 'Client.java', 'client.swift', 'run.swift'].map((file) => [
    file,
    LINES,
  ]),
);

/** Each fault as `line: message`, in the order in which they were printed. */
const EXPECTED: Record<string, string[]> = {
  'gcc-14.2.0-error-and-warning': [
    '32: implicit declaration of function ‘stream_sockt’; did you mean ‘stream_socket’? [-Wimplicit-function-declaration]',
  ],
  'gcc-14.2.0-warning-only': [],
  // The linker knows the file, and no line.
  'gcc-14.2.0-linker': [],
  'gcc-14.2.0-template': ['44: no match for ‘operator<’ (operand types are ‘main()::s’ and ‘main()::s’)'],
  'swift-6.0.3-error': [
    "5: cannot find 'g' in scope",
    "6: cannot convert value of type 'String' to expected argument type 'Int'",
  ],
  'swift-6.0.3-crash': ['5: Fatal error: oops'],
  'rustc-1.85.1-warnings-and-panic': ['24: oops'],
  'ghc-9.6.6-type': ["29: Couldn't match expected type: t0 -> IO Socket"],
  'ghc-9.6.6-failed-in-library': ['29: Prelude.head: empty list'],
  'ocaml-5.3.0-warning-only': [],
  'fpc-3.2.2-many': [
    '38: Identifier not found "Txt"',
    '55: Call by var for arg no. 3 has to match exactly: Got "<erroneous type>" expected "Text"',
    '56: Call by var for arg no. 1 has to match exactly: Got "<erroneous type>" expected "Text"',
    '57: Call by var for arg no. 1 has to match exactly: Got "<erroneous type>" expected "Text"',
    "58: Can't read or write variables of this type",
    '59: Call by var for arg no. 1 has to match exactly: Got "<erroneous type>" expected "Text"',
    "60: Can't read or write variables of this type",
  ],
  'java-25-failed-in-library': ['13: java.net.ConnectException: Connection refused'],
  'erlang-27.3-error-and-warning': ['6: function stream_sockt/0 undefined'],
  'elixir-1.18.3-delimiter': ['21: unexpected reserved word: end'],
  'elixir-1.18.3-failed-in-library': ['17: (FunctionClauseError) no function clause matching in String.length/1'],
  'elixir-1.18.3-warning-only': [],
  'python-3.13.5-failed-in-library': [
    '3: json.decoder.JSONDecodeError: Expecting property name enclosed in double quotes: line 1 column 2 (char 1)',
  ],
  'python-3.13.5-while-handling': ['3: ZeroDivisionError: division by zero', '5: IndexError: list index out of range'],
  'ruby-3.3.14-failed-in-library': ['18: Connection refused - connect(2) for [fd00:9::1]:8263 (Errno::ECONNREFUSED)'],
  'php-8.4.28-failed-call': ['26: socket_connect(): unable to connect [111]: Connection refused'],
  'php-8.4.28-exception': ['17: Error: Call to undefined function socket_lst_error()'],
  'lua-5.4-assert': ['29: connect: Connection refused'],
  'node-20.19.2-import': ["4: SyntaxError: The requested module 'node:net' does not provide an export named 'conect'"],
  'node-20.19.2-two-lines': ['8: Error: oops'],
  'sbcl-2.5.2-end-of-file': ['21: end of file'],
  'tcl-8.6.16-in-procedure': ['18: invalid command name "putz"'],
  'dash-0.5.12-syntax': ['5: Syntax error: "fi" unexpected (expecting "then")'],
};

for (const [name, expected] of Object.entries(EXPECTED)) {
  test(`${name}: the lines with errors are found, and no others`, () => {
    const found = faultsIn(output(name), SOURCES);
    assert.deepEqual(
      found.map(({ line, message }) => `${line}: ${message}`),
      expected,
    );
  });
}

test('only lines that the files of the page have are found', () => {
  const printed = [
    'client.c:0:1: error: before the start',
    'client.c:102:1: error: behind the end',
    'client.c:99999999999999999999:1: error: far behind',
    'other.c:1:1: error: another file',
    '/usr/include/client.c:1:1: error: another folder',
    '../client.c:1:1: error: another folder',
    '__proto__:1:1: error: no file',
    '/home/u/client.c:101:1: error: the last line',
  ];
  assert.deepEqual(faultsIn(printed.join('\r\n'), SOURCES), [{ file: 'client.c', line: 101, message: 'the last line' }]);
});

test('a line is found once, with its first message, and a long message is cut', () => {
  const printed = `client.c:3:1: error: first\nclient.c:3:9: error: second\nclient.c:4:1: error: ${'x'.repeat(5000)}\n`;
  const [first, long, ...more] = faultsIn(printed, SOURCES);
  assert.deepEqual(first, { file: 'client.c', line: 3, message: 'first' });
  assert.equal(long?.message.length, 301);
  assert.deepEqual(more, []);
});

test(`no more than ${MAX_FAULTS} are found`, () => {
  const printed = Array.from({ length: 90 }, (_, index) => `client.c:${index + 1}:1: error: x`).join('\n');
  assert.equal(faultsIn(printed, SOURCES).length, MAX_FAULTS);
});

test('escape sequences, ended or not, hide nothing and are in no message', () => {
  const printed =
    '\x1b[1mclient.c:2:1:\x1b[0m \x1b[31merror: \x1b]8;;https://example.org\x07link\x1b]8;;\x1b\\ \x1b[K\x00end\x1b[3';
  assert.deepEqual(faultsIn(`\x1b]0;title\n${printed}`, SOURCES), [{ file: 'client.c', line: 2, message: 'link end' }]);
});

test('output that is made to keep a pattern busy takes no longer than other output', () => {
  const sizes = 64 * 1024;
  const pieces = [
    'client.c:',
    ' at client.pl line ',
    'at (',
    'a.',
    'Error',
    '\x1b]',
    '\x1b[0;',
    '  at client.mjs:1',
    '(',
    "in `'",
    ':1',
  ];
  const milliseconds = (text: string) => {
    const start = performance.now();
    faultsIn(text, SOURCES);
    return performance.now() - start;
  };
  for (const piece of pieces) {
    const hostile = piece.repeat(sizes / piece.length);
    assert.ok(milliseconds(hostile) < 500, `64 KiB of ${JSON.stringify(piece)} took more than 500 ms`);
    const inLines = `${piece.repeat(1900 / piece.length)}\n`.repeat(sizes / 1900);
    assert.ok(milliseconds(inLines) < 500, `64 KiB of lines of ${JSON.stringify(piece)} took more than 500 ms`);
  }
});
