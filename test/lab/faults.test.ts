import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { readSnippets } from '../../protocol/read-snippets.ts';
import { faultsIn } from '../../site/live/faults/faults-in.ts';
import { missing, missingLanguage } from '../require.ts';
import { startRunner, type TestRunner } from './runner.ts';
import { visit } from './visitor.ts';

/** A change of a client that its compiler or its run complains about. The text `find` stands in the file. */
type Breakage = { file: string; find: string; replace: string; says: RegExp };

/**
 * Each language's client broken in two ways: so that it does not compile, and so that it fails while it runs. Null where
 * the language prints no line of the source then:
 * - C and C++ print none at all;
 * - Mono, OCaml and Free Pascal tell lines only of programs that were built for debugging, which the pages do not do;
 * - Guile's interpreter and SBCL's `--script` keep no lines of what they evaluate.
 */
const BROKEN: Record<string, { compiled: Breakage | null; running: Breakage | null }> = {
  c: {
    compiled: { file: 'client.c', find: 'int fd = stream_socket();', replace: 'int fd = stream_sockt();', says: /stream_sockt/ },
    running: null,
  },
  cpp: {
    compiled: {
      file: 'client.cpp',
      find: 'int fd = stream_socket();',
      replace: 'int fd = stream_sockt();',
      says: /stream_sockt/,
    },
    running: null,
  },
  csharp: {
    compiled: { file: 'Client.cs', find: 'client.Connect(', replace: 'client.Conect(', says: /Conect/ },
    running: null,
  },
  d: {
    compiled: { file: 'client.d', find: '= streamSocket();', replace: '= streamSockt();', says: /streamSockt/ },
    running: {
      file: 'client.d',
      find: '= streamSocket();',
      replace: '= streamSocket(); assert(connection is null, "oops");',
      says: /oops/,
    },
  },
  elixir: {
    compiled: { file: 'client.exs', find: 'IO.write(receive_line', replace: 'IO.write(receive_lin', says: /receive_lin\/1/ },
    running: { file: 'client.exs', find: '{:ok, socket} =', replace: '{:nok, socket} =', says: /no match of right hand side/ },
  },
  erlang: {
    compiled: { file: 'client.erl', find: '= stream_socket(),', replace: '= stream_sockt(),', says: /stream_sockt\/0 undefined/ },
    running: { file: 'client.erl', find: '{ok, Socket} =', replace: '{nok, Socket} =', says: /no match of right hand side/ },
  },
  go: {
    compiled: { file: 'client.go', find: 'SetMultipathTCP(true)', replace: 'SetMultipath(true)', says: /SetMultipath undefined/ },
    running: { file: 'client.go', find: 'dialer.SetMultipathTCP(true)', replace: 'panic("oops")', says: /^oops$/ },
  },
  guile: {
    compiled: { file: 'client.scm', find: '(stream-socket))', replace: '(stream-socket)))', says: /unexpected "\)"/ },
    running: null,
  },
  haskell: {
    compiled: { file: 'client.hs', find: '<- streamSocket', replace: '<- streamSockt', says: /not in scope: streamSockt/ },
    running: { file: 'client.hs', find: '<- streamSocket', replace: '<- error "oops"', says: /^oops$/ },
  },
  hyper: {
    compiled: { file: 'client.rs', find: '= stream_socket()?.', replace: '= stream_sockt()?.', says: /stream_sockt/ },
    running: { file: 'client.rs', find: '= stream_socket()?.', replace: '= None::<TcpSocket>.unwrap().', says: /None/ },
  },
  java: {
    compiled: { file: 'Client.java', find: 'socket.getOutputStream()', replace: 'socket.getOut()', says: /cannot find symbol/ },
    running: { file: 'Client.java', find: '8262', replace: '8263', says: /Connection refused/ },
  },
  lisp: {
    compiled: { file: 'client.lisp', find: 'ipproto-mptcp 262)', replace: 'ipproto-mptcp 262))', says: /unmatched close/ },
    running: null,
  },
  lua: {
    compiled: {
      file: 'client.lua',
      find: 'local fd = stream_socket()',
      replace: 'local fd == stream_socket()',
      says: /unexpected/,
    },
    running: { file: 'client.lua', find: 'local fd = stream_socket()', replace: 'local fd = sockt()', says: /global 'sockt'/ },
  },
  nodejs: {
    compiled: { file: 'client.mjs', find: "socket.write('", replace: "socket.write(('", says: /missing \)/ },
    running: { file: 'client.mjs', find: 'socket.write(', replace: 'sockt.write(', says: /sockt is not defined/ },
  },
  ocaml: {
    compiled: {
      file: 'client.ml',
      find: 'stream_socket () in',
      replace: 'stream_sockt () in',
      says: /Unbound value stream_sockt/,
    },
    running: null,
  },
  pascal: {
    compiled: { file: 'client.pas', find: 'ToServer: Text;', replace: 'ToServer: Txt;', says: /Identifier not found "Txt"/ },
    running: null,
  },
  perl: {
    compiled: { file: 'client.pl', find: '= stream_socket();', replace: '= stream_socket() 5;', says: /operator/ },
    running: { file: 'client.pl', find: '= stream_socket();', replace: '= stream_sockt();', says: /stream_sockt called/ },
  },
  php: {
    compiled: { file: 'client.php', find: '= stream_socket();', replace: '= stream_socket(;', says: /unexpected token ";"/ },
    running: {
      file: 'client.php',
      find: '= stream_socket();',
      replace: '= stream_sockt();',
      says: /undefined function stream_sockt/,
    },
  },
  python: {
    compiled: { file: 'client.py', find: 'connection.connect((', replace: 'connection.connect(((', says: /never closed/ },
    running: { file: 'client.py', find: 'socket.IPPROTO_MPTCP)', replace: 'socket.IPPROTO_MTCP)', says: /has no attribute/ },
  },
  ruby: {
    compiled: { file: 'client.rb', find: 'puts connection.gets', replace: 'puts connection.gets)', says: /syntax error/ },
    running: { file: 'client.rb', find: '= stream_socket', replace: '= stream_sockt', says: /stream_sockt/ },
  },
  rust: {
    compiled: { file: 'client.rs', find: '= stream_socket()?;', replace: '= stream_sockt()?;', says: /stream_sockt/ },
    running: {
      file: 'client.rs',
      find: '= stream_socket()?;',
      replace: '= stream_socket().map(|_| None::<Socket>)?.unwrap();',
      says: /None/,
    },
  },
  swift: {
    compiled: { file: 'client.swift', find: '= streamSocket()', replace: '= streamSockt()', says: /streamSockt/ },
    running: {
      file: 'client.swift',
      find: '= streamSocket()',
      replace: '= streamSocket(); precondition(descriptor < 0, "oops")',
      says: /^Precondition failed: oops$/,
    },
  },
  tcl: {
    compiled: { file: 'client.tcl', find: 'server.lab 8262]', replace: 'server.lab 8262', says: /missing close-bracket/ },
    running: { file: 'client.tcl', find: '[socket -myaddr', replace: '[sockt -myaddr', says: /invalid command name "sockt"/ },
  },
};

const snippets = readSnippets('snippets');

describe('an error in an edited file is found with its line', { skip: await missing('lab') }, () => {
  let runner: TestRunner;
  before(async () => {
    runner = await startRunner();
  });
  after(() => runner[Symbol.asyncDispose]());

  for (const { id, manifest, sources } of snippets) {
    if (manifest.kind !== 'language') continue;
    test(`${id} has an entry here`, () => {
      assert.ok(id in BROKEN, `Expected in test/lab/faults.test.ts how to break ${id}'s client, found nothing. Add it.`);
    });
    for (const when of ['compiled', 'running'] as const) {
      const breakage = BROKEN[id]?.[when];
      if (breakage === undefined || breakage === null) continue;
      test(`${id}, when it is ${when}`, { skip: missingLanguage(id) }, async () => {
        const { file, find, replace, says } = breakage;
        const source = sources[file] ?? '';
        assert.ok(source.includes(find), `Expected "${find}" in ${file}, found none. Break something else there.`);
        const files = { ...sources, [file]: source.replace(find, () => replace) };
        const line = source.slice(0, source.indexOf(find)).split('\n').length;

        await using visitor = await visit(runner.address);
        visitor.run(1, 'client', id, { [file]: files[file] ?? '' });
        const { end } = await visitor.until('run-ended');
        const isFailed = end.kind === 'build-failed' || end.kind === 'signal' || (end.kind === 'exit' && end.code !== 0);
        assert.ok(isFailed, `Expected that ${file} fails, found ${JSON.stringify(end)}`);
        const [fault] = faultsIn(visitor.output(1), files);
        assert.deepEqual(fault && { file: fault.file, line: fault.line }, { file, line }, visitor.output(1));
        assert.match(fault?.message ?? '', says);
      });
    }
  }
});
