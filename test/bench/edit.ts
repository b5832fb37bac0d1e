/** How a comment is written, by the language of the sources as a manifest names it. */
const COMMENTS: Record<string, (text: string) => string> = {
  c: slashes,
  cpp: slashes,
  csharp: slashes,
  d: slashes,
  go: slashes,
  java: slashes,
  javascript: slashes,
  php: slashes,
  rust: slashes,
  swift: slashes,
  elixir: hash,
  perl: hash,
  python: hash,
  ruby: hash,
  tcl: hash,
  haskell: (text) => `-- ${text}`,
  lua: (text) => `-- ${text}`,
  erlang: (text) => `% ${text}`,
  'common-lisp': (text) => `; ${text}`,
  scheme: (text) => `; ${text}`,
  ocaml: (text) => `(* ${text} *)`,
  pascal: (text) => `{ ${text} }`,
};

/**
 * The source with a comment at its end: compiled anew, and the same program.
 *
 * @param number another one for each edit, so that no result of an earlier one fits
 * @throws Error for a language whose comments are not known here
 */
export function editedSource(language: string, source: string, number: number): string {
  const comment = COMMENTS[language];
  if (comment === undefined) {
    throw new Error(
      `How does ${language} write a comment? Known in ${import.meta.filename}: ${Object.keys(COMMENTS).join(', ')}`,
    );
  }
  return `${source}${comment(`edit ${number}`)}\n`;
}

function slashes(text: string): string {
  return `// ${text}`;
}

function hash(text: string): string {
  return `# ${text}`;
}
