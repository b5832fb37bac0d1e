/** What a learner has done, kept in this browser alone: the day of each step, by lesson. */
export type Progress = Record<string, Record<string, string>>;

const KEY = 'hello-mptcp-progress';

export function readProgress(storage: Pick<Storage, 'getItem'>): Progress {
  try {
    return parseProgress(storage.getItem(KEY) ?? '{}');
  } catch {
    // A browser that keeps nothing for this page, or something else under that name.
    return {};
  }
}

/** @throws Error on a text that is no progress */
export function parseProgress(text: string): Progress {
  const value: unknown = JSON.parse(text);
  const progress: Progress = {};
  if (typeof value !== 'object' || value === null) throw new Error('Expected what was learned, as a JSON object');
  for (const [lesson, steps] of Object.entries(value)) {
    if (typeof steps !== 'object' || steps === null) throw new Error(`Expected the steps of "${lesson}" as an object`);
    progress[lesson] = Object.fromEntries(Object.entries(steps).map(([step, day]) => [step, String(day)]));
  }
  return progress;
}

export function keepStep(storage: Storage, lesson: string, step: string, day: string): void {
  const progress = readProgress(storage);
  progress[lesson] = { ...progress[lesson], [step]: progress[lesson]?.[step] ?? day };
  try {
    storage.setItem(KEY, JSON.stringify(progress));
  } catch {
    // Full, or forbidden: the lesson goes on without.
  }
}
