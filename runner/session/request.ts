import * as v from 'valibot';
import { excerpt } from '../../protocol/excerpt.ts';
import type { Snippet } from '../../protocol/manifest.ts';
import { type ErrorCode, type FromPage, fromPageSchema, MAX_FILE_BYTES } from '../../protocol/message.ts';

/** What is wrong with a message, in a sentence for the learner. */
export type Refusal = { code: ErrorCode; message: string; run?: number; request?: number };

export type RunMessage = Extract<FromPage, { type: 'run' }>;

/** Parses one text frame. */
export function parseMessage(text: string): { message: FromPage } | { refusal: Refusal } {
  const json = parseJson(text);
  if (json === undefined)
    return { refusal: { code: 'malformed', message: `Expected a JSON message, found "${excerpt(text)}".` } };
  const result = v.safeParse(fromPageSchema, json);
  if (result.success) return { message: result.output };
  const [issue] = result.issues;
  const field = v.getDotPath(issue) ?? 'message';
  const message = `Expected ${issue.expected ?? issue.message} as "${field}", found ${excerpt(issue.received)}.`;
  return { refusal: { code: field === 'host' ? 'unknown-host' : 'malformed', message } };
}

/** Finds the snippet of a run and lays the edited files over its own. */
export function filesOfRun(
  message: RunMessage,
  { snippets, leftOut }: { snippets: Snippet[]; leftOut: string[] },
): { snippet: Snippet; files: Map<string, Buffer> } | { refusal: Refusal } {
  const { run } = message;
  const snippet = snippets.find((candidate) => candidate.id === message.snippet);
  if (snippet === undefined) {
    const known = snippets.map((candidate) => candidate.id).join(', ');
    return { refusal: { code: 'unknown-snippet', run, message: `No snippet "${excerpt(message.snippet)}". Known: ${known}.` } };
  }
  if (leftOut.includes(snippet.id)) {
    const message = `${snippet.manifest.title} is not in this runner’s image: LANGUAGES left it out when the image was made.`;
    return { refusal: { code: 'not-in-image', run, message } };
  }
  const files = new Map<string, Buffer>();
  for (const [name, text] of Object.entries({ ...snippet.sources, ...message.files })) {
    if (!Object.hasOwn(snippet.sources, name)) {
      const known = Object.keys(snippet.sources).join(', ');
      return { refusal: { code: 'unknown-file', run, message: `No file "${excerpt(name)}" in ${snippet.id}. Known: ${known}.` } };
    }
    const content = Buffer.from(text);
    if (content.length > MAX_FILE_BYTES) {
      const message = `${name} is ${Math.ceil(content.length / 1024)} KiB long; at most ${MAX_FILE_BYTES / 1024} KiB can be run.`;
      return { refusal: { code: 'too-large', run, message } };
    }
    files.set(name, content);
  }
  return { snippet, files };
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
