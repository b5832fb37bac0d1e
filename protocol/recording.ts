import * as v from 'valibot';
import type { FromRunner } from './message.ts';

/**
 * `snippets/<id>/recordings/<name>.json`: one run of both programs in a real lab, as a session told it. Played back, it gives
 * terminals, evidence and verdict without a runner.
 */
export type Recording = {
  /** What was run: `contentOf` of the snippet with the experiment in it. Another content needs another recording. */
  of: string;
  /** The day of the run, UTC: "2026-11-22". */
  recordedOn: string;
  /** The release of the kernel that it ran on: "6.18.44". */
  kernel: string;
  /** Debian's packages that the snippet's image section names, with their versions. */
  versions: Record<string, string>;
  /**
   * `at` in milliseconds since the first step of a program. In a file they stand by their source, so that two recordings
   * can be compared line by line: which of two sources was heard first is chance. `parseRecording` puts them in time's order.
   */
  events: RecordedEvent[];
};

/** What the runner said, a line that a program printed, or packets of the client (packet/records.ts, in base64). */
export type RecordedEvent =
  | FromRunner
  | { at: number; type: 'output'; run: number; text: string }
  | { at: number; type: 'packets'; run: number; records: string };

/** The number of each host's run in a recording. */
export const RECORDED_RUN = { server: 1, client: 2 } as const;

/** A recording is loaded when it is played, a fifth as many bytes compressed: it stays small. */
export const MAX_RECORDING_BYTES = 40_000;

/** The recording of the snippet as its page shows it. */
export const AS_SHOWN = 'as-shown';

/** The file name, without ending, of an experiment's recording: "Make the client plain TCP" is `make-the-client-plain-tcp`. */
export function recordingName(experimentTitle: string): string {
  return experimentTitle
    .toLowerCase()
    .replaceAll(/[^a-z0-9]+/g, '-')
    .replaceAll(/^-|-$/g, '');
}

/** What a reader relies on; the events are those of the protocol, written by the recorder. */
const recordingSchema = v.strictObject({
  of: v.string(),
  recordedOn: v.pipe(v.string(), v.isoDate()),
  kernel: v.string(),
  versions: v.record(v.string(), v.string()),
  events: v.array(v.looseObject({ at: v.number(), type: v.string() })),
});

/** Of events at the same millisecond, and in the order of a file. */
const ORDER = [
  'lab-opened',
  'conditions',
  'capture',
  'run-phase',
  'output',
  'packets',
  'mptcp-event',
  'tool-text',
  'traffic',
  'flows',
  'evidence',
  'verdict',
  'run-ended',
];

/** As they happened. */
export function byTime(events: RecordedEvent[]): RecordedEvent[] {
  return events.toSorted((a, b) => a.at - b.at || ORDER.indexOf(a.type) - ORDER.indexOf(b.type));
}

/** As they stand in a file: by kind, then by host. */
export function bySource(events: RecordedEvent[]): RecordedEvent[] {
  return events.toSorted(
    (a, b) => ORDER.indexOf(a.type) - ORDER.indexOf(b.type) || hostOf(a).localeCompare(hostOf(b)) || a.at - b.at,
  );
}

function hostOf(event: RecordedEvent): string {
  if ('host' in event) return event.host;
  return event.type === 'output' && event.run === RECORDED_RUN.server ? 'server' : 'client';
}

/** @throws Error that names the field, what was expected and what was found */
export function parseRecording(text: string): Recording {
  const value: unknown = JSON.parse(text);
  if (isRecording(value)) return { ...value, events: byTime(value.events) };
  const issue = v.safeParse(recordingSchema, value).issues?.[0];
  throw new Error(
    `${issue === undefined ? '' : v.getDotPath(issue)}: expected ${issue?.expected ?? 'a recording'}, found ${issue?.received}`,
  );
}

function isRecording(value: unknown): value is Recording {
  return v.is(recordingSchema, value);
}
