import { LanguageSupport, StreamLanguage, type StreamParser } from '@codemirror/language';

/**
 * The grammar of a source, by the name that its snippet's manifest gives. Build and editor use the same one.
 *
 * @returns null for a language without a grammar: its text is shown in one color
 */
export async function loadLanguage(name: string): Promise<LanguageSupport | null> {
  switch (name) {
    case 'c':
    case 'cpp':
      return (await import('@codemirror/lang-cpp')).cpp();
    case 'python':
      return (await import('@codemirror/lang-python')).python();
    case 'javascript':
      return (await import('@codemirror/lang-javascript')).javascript();
    case 'php':
      return (await import('@codemirror/lang-php')).php();
    case 'elixir':
      return (await import('codemirror-lang-elixir')).elixir();
    case 'perl':
      return byStream((await import('@codemirror/legacy-modes/mode/perl')).perl);
    case 'ruby':
      return byStream((await import('@codemirror/legacy-modes/mode/ruby')).ruby);
    case 'lua':
      return byStream((await import('@codemirror/legacy-modes/mode/lua')).lua);
    case 'tcl':
      return byStream((await import('@codemirror/legacy-modes/mode/tcl')).tcl);
    case 'go':
      return byStream((await import('@codemirror/legacy-modes/mode/go')).go);
    case 'rust':
      return byStream((await import('@codemirror/legacy-modes/mode/rust')).rust);
    case 'swift':
      return byStream((await import('@codemirror/legacy-modes/mode/swift')).swift);
    case 'd':
      return byStream((await import('@codemirror/legacy-modes/mode/d')).d);
    case 'pascal':
      return byStream((await import('@codemirror/legacy-modes/mode/pascal')).pascal);
    case 'haskell':
      return byStream((await import('@codemirror/legacy-modes/mode/haskell')).haskell);
    case 'erlang':
      return byStream((await import('@codemirror/legacy-modes/mode/erlang')).erlang);
    case 'ocaml':
      return byStream((await import('@codemirror/legacy-modes/mode/mllike')).oCaml);
    case 'scheme':
      return byStream((await import('@codemirror/legacy-modes/mode/scheme')).scheme);
    case 'common-lisp':
      return byStream((await import('@codemirror/legacy-modes/mode/commonlisp')).commonLisp);
    case 'java':
      return byStream((await import('@codemirror/legacy-modes/mode/clike')).java);
    case 'csharp':
      return byStream((await import('@codemirror/legacy-modes/mode/clike')).csharp);
    case 'nginx':
      return byStream((await import('@codemirror/legacy-modes/mode/nginx')).nginx);
    case 'objective-c':
      return byStream((await import('@codemirror/legacy-modes/mode/clike')).objectiveC);
    case 'xml':
      return byStream((await import('@codemirror/legacy-modes/mode/xml')).xml);
    case 'shell':
      return byStream((await import('@codemirror/legacy-modes/mode/shell')).shell);
    default:
      return null;
  }
}

/** A file's own language where its name tells it: the command of a snippet is a shell's, whatever the program is in. */
export function languageOfFile(file: string, ofSnippet: string): string {
  if (file.endsWith('.sh')) return 'shell';
  return /\.(plist|entitlements)$/.test(file) ? 'xml' : ofSnippet;
}

function byStream(parser: StreamParser<unknown>): LanguageSupport {
  return new LanguageSupport(StreamLanguage.define(parser));
}
