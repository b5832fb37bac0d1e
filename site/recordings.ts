import { stripVTControlCharacters } from 'node:util';
import type { RunHost, Snippet } from '../protocol/manifest.ts';
import { AS_SHOWN, parseRecording, RECORDED_RUN, type Recording, recordingName } from '../protocol/recording.ts';
import { describeRunEnd } from '../protocol/run-end.ts';
import type { Verdict } from '../protocol/verdict.ts';
import { formatDuration } from './live/verdict/quantity.ts';

/** Read by Vite while the site is built. */
const files = import.meta.glob<string>('/snippets/*/recordings/*.json', { query: '?raw', import: 'default', eager: true });

/** A snippet's recording by its name. One that is missing or faulty stops the build. */
export function recordingOf(id: string, name: string = AS_SHOWN): Recording {
  const path = `/snippets/${id}/recordings/${name}.json`;
  const text = files[path];
  if (text === undefined) throw new Error(`${path}: expected a recording, found none. "npm run record -- ${id}" makes it.`);
  try {
    return parseRecording(text);
  } catch (cause) {
    throw new Error(`${path}: ${cause instanceof Error ? cause.message : String(cause)}`, { cause });
  }
}

/** The names of all recordings that a page of this snippet can play. */
export function recordingNames({ manifest }: Snippet): string[] {
  return [AS_SHOWN, ...manifest.experiments.map(({ title }) => recordingName(title))];
}

/** What a recording comes to, as text for a page. */
export type RecordedOutcome = {
  /** What each host's program printed, and how it ended. */
  terminals: Record<RunHost, { output: string; end: string }>;
  verdict: Verdict | null;
  /** From the start of the first program to the end of the client. */
  seconds: number;
};

export function outcomeOf({ events }: Recording): RecordedOutcome {
  const outcome: RecordedOutcome = {
    terminals: { client: { output: '', end: '' }, server: { output: '', end: '' } },
    verdict: null,
    seconds: 0,
  };
  for (const event of events) {
    if (event.type === 'output') {
      const host = event.run === RECORDED_RUN.server ? 'server' : 'client';
      outcome.terminals[host].output += stripVTControlCharacters(event.text).replaceAll('\r\n', '\n');
    }
    if (event.type === 'verdict') outcome.verdict = event.verdict;
    if (event.type === 'run-ended') {
      outcome.terminals[event.host].end = `${describeRunEnd(event.end)} after ${formatDuration(event.durationMs)}`;
      if (event.host === 'client') outcome.seconds = event.at / 1000;
    }
  }
  return outcome;
}
