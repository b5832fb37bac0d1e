import type { Format } from './fault.ts';
import { lispReader, nodeHeader, tclError } from './formats-of-their-own.ts';
import { messageThenPlace, onOneLine, placeThenMessage } from './shapes.ts';

/**
 * How compilers and languages print their errors. Each pattern is tied to the start of a line, and none can match the
 * same text in many ways, so that no output makes it slow.
 */
export const FORMATS: readonly Format[] = [
  // gcc, g++, gdc, swiftc, javac, and ghc where the message is short: client.c:17:9: error: expected ';'
  onOneLine(/^(?<path>[^\s:()]+):(?<line>\d+):(?:\d+:)?\s+(?:fatal )?error: (?!\[GHC-\d+\]$)(?<message>.+)$/i),
  // go, erlang, guile, sh and ruby name no severity: ./client.go:13:9: undefined: dial
  onOneLine(
    /^(?<path>[^\s:()]+\.(?:go|erl|scm|sh|rb)): ?(?<line>\d+):(?!(?:\d+:)? ?(?:warning|note)\b)(?:\d+:)? ?(?:in [`'][^']*': )?(?<message>.+)$/i,
  ),
  // mcs and fpc: Client.cs(14,20): error CS1061: ...; a summary of fpc has a line number too.
  onOneLine(/^(?<path>[^\s:()]+)\((?<line>\d+)(?:,\d+)?\):? (?:error|fatal)(?: CS\d+)?: (?!There were \d)(?<message>.+)$/i),
  // D at run time: object.Exception@client.d(34): no such host
  onOneLine(/^[^\s@]+@(?<path>[^\s:()]+)\((?<line>\d+)\): (?<message>.+)$/),
  // swift at run time, with the name of the program: client/client.swift:5: Fatal error: oops
  onOneLine(
    /^\w+\/(?<path>[^\s:()/]+\.swift):(?<line>\d+): (?<message>(?:Fatal error|Precondition failed|Assertion failed)\b.*)$/,
  ),
  // perl: syntax error at client.pl line 24, near ") 5"
  onOneLine(/^(?<message>.+) at (?<path>\S+) line (?<line>\d+)[.,]/),
  // php, whose warning is a call that failed: PHP Parse error:  syntax error in /home/u/client.php on line 25
  onOneLine(
    /^(?:PHP )?(?:(?:Parse|Fatal) error|Warning): +(?:Uncaught )?(?<message>.+) in (?<path>[^\s:]+)(?: on line |:)(?<line>\d+)$/,
  ),
  // lua: lua5.4: client.lua:28: attempt to call a nil value
  onOneLine(/^lua[\d.]*: (?<path>[^\s:()]+):(?<line>\d+): (?<message>.+)$/),
  // lua, where a library or nobody is named as the place
  messageThenPlace(/^lua[\d.]*: (?<message>\/.+|(?!\S+:\d+: ).+)$/, /^\s+(?<path>[^\s:()]+):(?<line>\d+): in /),
  // rustc and elixir: error[E0425]: cannot find ..., then --> client.rs:24:18
  messageThenPlace(
    /^\s*error(?:\[\w+\])?: (?<message>.+)$/,
    /^\s*(?:-->|:::|└─) (?<path>[^\s:()]+):(?<line>\d+):\d+/,
    /^\s*warning\b/,
  ),
  // elixir at run time: ** (MatchError) no match ..., then client.exs:16: Client.run/0
  messageThenPlace(/^\*\* (?<message>\(.+)$/, /^\s+(?:\([^)]*\) )?(?<path>[^\s:()]+):(?<line>\d+): /),
  // java and node: java.lang.RuntimeException: ..., then at Client.main(Client.java:13)
  messageThenPlace(
    /^(?:Exception in thread "[^"]*" |Caused by: )?(?<message>(?:[\w$]+\.)*[\w$]*(?:Error|Exception)\b.*)$/,
    /^\s+at (?:.*[ (])?(?:file:\/\/)?(?<path>[^\s:()]+):(?<line>\d+)(?::\d+)?\)?$/,
  ),
  // go at run time: panic: ..., then /home/u/client.go:13 +0x25
  messageThenPlace(/^(?:panic|fatal error): (?<message>.+)$/, /^\s+(?<path>[^\s:()]+):(?<line>\d+) \+0x/),
  // erlang at run time: escript: exception error: ..., then in function main/1 (client.erl, line 6)
  messageThenPlace(
    /^escript: exception \w+: (?<message>.+)$/,
    /^\s+in (?:function|call from) .*\((?<path>[^\s:()]+), line (?<line>\d+)\)/,
  ),
  // haskell at run time: client: ..., then error, called at client.hs:29:17 in main:Main
  messageThenPlace(/^[\w.-]+: (?<message>.+)$/, /^\s+\w+, called at (?<path>[^\s:()]+):(?<line>\d+):\d+ in /),
  // ruby, where a library failed: /usr/lib/ruby/...:in `gets': ..., then from client.rb:17:in `<main>'
  messageThenPlace(
    /^(?:\/\S+|<internal:[^>]*>):\d+:in [`'][^']*': (?<message>.+)$/,
    /^\s+from (?<path>[^\s:()]+):(?<line>\d+):in /,
  ),
  // python: the innermost of the page's lines, then the exception
  placeThenMessage(/^\s+File "(?<path>[^"]+)", line (?<line>\d+)/, /^(?<message>\S.*)$/, /^Traceback /),
  // ocaml: File "client.ml", line 21, characters 21-33: then Error: Unbound value
  placeThenMessage(
    /^File "(?<path>[^"]+)", lines? (?<line>\d+)(?:-\d+)?, characters /,
    /^Error(?: \([^)]*\))?: (?<message>.+)$/,
    /^(?:Warning|Alert)\b/,
  ),
  // ghc: client.hs:29:17: error: [GHC-88464], then the message
  placeThenMessage(/^(?<path>[^\s:()]+):(?<line>\d+):\d+: error:(?: \[GHC-\d+\])?$/, /^\s+(?:• )?(?<message>\S.*)$/),
  // rust at run time: thread 'main' panicked at client.rs:24:52:
  placeThenMessage(/^thread '[^']*' (?:\(\d+\) )?panicked at (?<path>[^\s:()]+):(?<line>\d+):\d+:$/, /^(?<message>\S.*)$/),
  // g++, where a template of the library fails: client.cpp:27:44:   required from here
  placeThenMessage(
    /^(?<path>[^\s:()]+):(?<line>\d+):\d+:\s+required from here$/,
    /^\/[^\s:]+:\d+:\d+: (?:fatal )?error: (?<message>.+)$/,
  ),
  nodeHeader,
  lispReader,
  tclError,
];
