import { createHash } from 'node:crypto';
import * as v from 'valibot';
import type { Snippet } from '../manifest.ts';
import { contentOf } from '../snippet-content.ts';
import type { Lesson } from './lesson.ts';

/** `site/lessons/recordings/<id>.json`: the solutions of a lesson's steps, done one after the other in a real lab. */
export type RecordedLesson = v.InferOutput<typeof recordedLessonSchema>;

/** What one terminal printed during a step: its prompts, what was typed at them, and the answers. */
export type RecordedTerminal = RecordedLesson['steps'][number]['terminals'][number];

const recordedLessonSchema = v.strictObject({
  /** `contentOfLesson` of what was done. Another content needs another recording. */
  of: v.string(),
  /** UTC: "2026-11-22". */
  recordedOn: v.pipe(v.string(), v.isoDate()),
  /** The release of the kernel: "6.18.44". */
  kernel: v.string(),
  steps: v.array(
    v.strictObject({
      id: v.string(),
      terminals: v.array(v.strictObject({ name: v.string(), text: v.string() })),
      /** The last word on each connection that the client tried. */
      verdicts: v.array(v.strictObject({ headline: v.string(), explanation: v.string() })),
    }),
  ),
});

/** @throws Error that names the field, what was expected and what was found */
export function parseRecordedLesson(text: string): RecordedLesson {
  const parsed = v.safeParse(recordedLessonSchema, JSON.parse(text));
  if (parsed.success) return parsed.output;
  const [issue] = parsed.issues;
  throw new Error(`${v.getDotPath(issue)}: expected ${issue.expected}, found ${issue.received}`);
}

/** A short hash of all that decides what happens in a lesson. Texts and hints do not count. */
export function contentOfLesson({ terminals, snippets = [], setup = [], steps }: Lesson, all: Snippet[]): string {
  const used = all.filter(({ id }) => snippets.includes(id)).map(contentOf);
  const decides = [terminals, used, setup, steps.map((step) => [step.id, step.check, step.solution, ...(step.setup ?? [])])];
  return createHash('sha256').update(JSON.stringify(decides)).digest('hex').slice(0, 16);
}
