import type { LearnerStory, Loss } from './learner.ts';

/** Who was where, and what became of everybody. Moments are of one clock, in milliseconds. */
export type ClusterReport = {
  learners: number;
  killedAt: number;
  drainedAt: number;
  /** How many learners each runner had before the first was killed, before the second was drained, and at the end. */
  before: Record<string, number>;
  beforeDrain: Record<string, number>;
  after: Record<string, number>;
  stories: LearnerStory[];
};

export function lossesOf({ stories }: ClusterReport, how: Loss['how']): Loss[] {
  return stories.flatMap(({ losses }) => losses.filter((loss) => loss.how === how));
}

/** What an operator wants to know, in a few lines. */
export function describeReport(report: ClusterReport): string[] {
  const { learners, before, beforeDrain, after, stories } = report;
  const [killed, drained] = [lossesOf(report, 'killed'), lossesOf(report, 'drained')];
  const hellos = stories.reduce((sum, story) => sum + story.hellos, 0);
  const fellBack = stories.reduce((sum, story) => sum + story.fellBack, 0);
  const waited = stories.flatMap(({ waitedMs }) => waitedMs);
  const midRun = (losses: Loss[]) => losses.filter((loss) => loss.midRun).length;
  return [
    `${learners} learners at runners ${shown(before)}, ${hellos} hellos that came to their end, ${fellBack} of them by TCP`,
    `a killed: ${killed.length} lost their session, ${midRun(killed)} of them in the middle of a run; told ${spread(killed.map(({ toldMs }) => toldMs))}, at another runner ${spread(killed.map(({ anewMs }) => anewMs))} after the loss`,
    `c added, then b drained with ${shown(beforeDrain)}: ${drained.length} moved, ${midRun(drained)} of them in the middle of a run; at another runner ${spread(drained.map(({ anewMs }) => anewMs))} after the end of their session`,
    `waited in a line: ${waited.length === 0 ? 'nobody' : `${waited.length} times, ${spread(waited)}`}`,
    `at the end: ${shown(after)}`,
  ];
}

function shown(counts: Record<string, number>): string {
  return Object.entries(counts)
    .sort()
    .map(([name, number]) => `${name} ${number}`)
    .join(', ');
}

function spread(values: number[]): string {
  const sorted = values.toSorted((one, other) => one - other);
  const [middle, last] = [sorted[Math.floor(sorted.length / 2)], sorted.at(-1)];
  return middle === undefined || last === undefined ? 'never' : `${Math.round(middle)} ms (at most ${Math.round(last)} ms)`;
}
