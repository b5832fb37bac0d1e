import * as v from 'valibot';

/** The two hosts that programs run on; the router only forwards. */
export const RUN_HOSTS = ['client', 'server'] as const;
export type RunHost = (typeof RUN_HOSTS)[number];

/** An argument vector as execve(2) takes it: the program, then its arguments. No shell reads it. */
const argv = v.pipe(v.array(v.string()), v.minLength(1));

/** Names that stay inside a working directory whatever is done with them. */
const fileName = v.pipe(v.string(), v.regex(/^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$/, 'a plain file name'));

const program = v.strictObject({
  /** The sources of this program, in the order of their tabs; the first one is the one to read. */
  files: v.pipe(v.array(fileName), v.minLength(1)),
  /** Compiles in the working directory; absent where the language needs no build step. */
  build: v.optional(argv),
  run: argv,
});

/** The verdicts that a snippet can promise (see verdict.ts). */
const promise = v.picklist(['multipath', 'fallback', 'plain-tcp']);

/** A small change that teaches something: the learner applies it by a click, and runs it. */
const experiment = v.strictObject({
  /** What it does, as on a button: "Make the client plain TCP". */
  title: v.pipe(v.string(), v.minLength(1)),
  file: fileName,
  /** Each `find` stands in the file exactly once. */
  edits: v.pipe(v.array(v.strictObject({ find: v.pipe(v.string(), v.minLength(1)), replace: v.string() })), v.minLength(1)),
  promises: promise,
});

/** `snippets/<id>/manifest.json`: what a snippet is made of and what it promises. */
const manifestFile = v.strictObject({
  /**
   * `language`: sources in a programming language. `program`: one as it is, such as curl, run by a few lines of shell.
   * `measurement`: sources that show what a connection can do.
   */
  kind: v.optional(v.picklist(['language', 'program', 'measurement']), 'language'),
  /**
   * `hello`: the hello protocol, so that its client speaks with any server that does too. `own`: what its own server speaks,
   * such as HTTP. Left out, a language speaks `hello` and a program `own`; a manifest that was read always has it.
   */
  speaks: v.optional(v.picklist(['hello', 'own'])),
  /** As it stands in a heading: "Python". */
  title: v.pipe(v.string(), v.minLength(1)),
  /** The language of the sources, as Shiki and the editor name it: "c", "python". */
  language: v.pipe(v.string(), v.minLength(1)),
  /** One program for each host. */
  programs: v.strictObject({ client: program, server: program }),
  /** How a program of this language, or this program, gets a Multipath TCP socket. */
  how: v.optional(v.picklist(['direct', 'mptcpize', 'descriptor', 'foreign-function']), 'direct'),
  /** The version of the language since which it works so, for a table: "3.10", "any". */
  since: v.pipe(v.string(), v.minLength(1)),
  /** The snippet whose cache it shares: image/caches/<this>.sh instead of one of its own. */
  cache: v.optional(v.string()),
  /** Environment variables that its tools need in the sandbox. */
  environment: v.optional(v.record(v.pipe(v.string(), v.regex(/^[A-Z_][A-Z0-9_]*$/, 'the name of a variable')), v.string()), {}),
  /** TCP port on which the server program listens; the client is started once it does. */
  port: v.pipe(v.number(), v.integer(), v.minValue(1), v.maxValue(65_535)),
  /** The verdict that the unchanged snippet gets in the unchanged lab. */
  promises: promise,
  experiments: v.optional(v.array(experiment), []),
});

const manifestSchema = v.pipe(
  manifestFile,
  v.transform((manifest) => ({ ...manifest, speaks: manifest.speaks ?? (manifest.kind === 'language' ? 'hello' : 'own') })),
);

export type Manifest = v.InferOutput<typeof manifestSchema>;
export type Experiment = Manifest['experiments'][number];
export type Program = Manifest['programs'][RunHost];

/** The file's text with the change in it. */
export function applyExperiment(source: string, { edits }: Experiment): string {
  return edits.reduce((text, { find, replace }) => text.replace(find, () => replace), source);
}

/** A snippet as it is kept and sent: its manifest and the bytes of its files by name. */
export type Snippet = { id: string; manifest: Manifest; sources: Record<string, string> };

/** Every fault of a manifest, one line each: `programs.client.run: expected Array, found undefined`. */
export function parseManifest(input: unknown): { manifest: Manifest } | { faults: string[] } {
  const result = v.safeParse(manifestSchema, input);
  if (result.success) return { manifest: result.output };
  return {
    faults: result.issues.map(
      (issue) => `${v.getDotPath(issue) ?? '(whole file)'}: expected ${issue.expected ?? issue.message}, found ${issue.received}`,
    ),
  };
}
