import { parseRecordedLesson, type RecordedLesson } from '../../protocol/lesson/recorded-lesson.ts';

/** Read by Vite while the site is built. */
const files = import.meta.glob<string>('/site/lessons/recordings/*.json', { query: '?raw', import: 'default', eager: true });

/** What happened when a lesson was done in a real lab. One that is missing or faulty stops the build. */
export function recordedLesson(id: string): RecordedLesson {
  const path = `/site/lessons/recordings/${id}.json`;
  const text = files[path];
  if (text === undefined)
    throw new Error(`${path}: expected a recording, found none. "npm run record -- lessons ${id}" makes it.`);
  try {
    return parseRecordedLesson(text);
  } catch (cause) {
    throw new Error(`${path}: ${cause instanceof Error ? cause.message : String(cause)}`, { cause });
  }
}

/** One step of it, with the day and the kernel of the recording. */
export function recordedStep(
  lesson: string,
  id: string,
): RecordedLesson['steps'][number] & { kernel: string; recordedOn: string } {
  const { kernel, recordedOn, steps } = recordedLesson(lesson);
  const step = steps.find((candidate) => candidate.id === id);
  if (step !== undefined) return { ...step, kernel, recordedOn };
  throw new Error(
    `Lesson ${lesson}: expected a recording of its step ${id}, found none. "npm run record -- lessons ${lesson}" makes it.`,
  );
}
