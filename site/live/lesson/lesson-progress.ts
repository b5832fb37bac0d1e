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

/** Whether it could be kept. */
export function keepProgress(storage: Pick<Storage, 'setItem'>, progress: Progress): boolean {
  try {
    storage.setItem(KEY, JSON.stringify(progress));
    return true;
  } catch {
    // Full, or forbidden: the lesson goes on without.
    return false;
  }
}

/** @throws Error on a text that is no progress */
export function parseProgress(text: string): Progress {
  const value: unknown = JSON.parse(text);
  if (!isRecord(value)) throw new Error('Expected what was learned, as a JSON object');
  return Object.fromEntries(
    Object.entries(value).map(([lesson, steps]) => {
      if (!isRecord(steps)) throw new Error(`Expected the steps of "${lesson}" as an object`);
      return [lesson, Object.fromEntries(Object.entries(steps).map(([step, day]) => [step, dayOf(day)]))];
    }),
  );
}

/** All that either one knows, each step with its earlier day. */
export function mergeProgress(one: Progress, other: Progress): Progress {
  const merged: Progress = { ...one };
  for (const [lesson, steps] of Object.entries(other)) {
    const known = { ...merged[lesson] };
    for (const [step, day] of Object.entries(steps)) {
      const before = known[step];
      if (before === undefined || day < before) known[step] = day;
    }
    merged[lesson] = known;
  }
  return merged;
}

export function keepStep(storage: Storage, lesson: string, step: string, day: string): void {
  keepProgress(storage, mergeProgress(readProgress(storage), { [lesson]: { [step]: day } }));
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function dayOf(value: unknown): string {
  if (typeof value === 'string' && /^\d{4}-\d\d-\d\d$/.test(value)) return value;
  throw new Error(`Expected a day such as 2026-01-31, found ${JSON.stringify(value).slice(0, 40)}`);
}
