import type { APIRoute, GetStaticPaths } from 'astro';
import { recordingNames, recordingOf } from '../../../recordings.ts';
import { snippets } from '../../../snippets.ts';

/** `recordings/<snippet>/<name>.json`: what a page fetches when it plays a run. */
export const getStaticPaths: GetStaticPaths = () =>
  snippets.flatMap((snippet) => recordingNames(snippet).map((name) => ({ params: { snippet: snippet.id, name } })));

export const GET: APIRoute<Record<string, never>, { snippet: string; name: string }> = ({ params }) =>
  Response.json(recordingOf(params.snippet, params.name));
