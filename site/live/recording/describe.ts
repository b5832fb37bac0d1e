import type { Recording } from '../../../protocol/recording.ts';

const DAY = new Intl.DateTimeFormat('en', { day: 'numeric', month: 'long', year: 'numeric', timeZone: 'UTC' });

/** "Recording of November 22, 2026, Linux 6.18.44": what tells a recording from a run. */
export function describeRecording({ recordedOn, kernel }: Pick<Recording, 'recordedOn' | 'kernel'>): string {
  return `Recording of ${DAY.format(new Date(recordedOn))}, Linux ${kernel}`;
}

const TIME = new Intl.DateTimeFormat('en', { hour: '2-digit', minute: '2-digit', second: '2-digit', hourCycle: 'h23' });

/** "Your run of 14:32:05, seen again": a moment of it that is past. */
export function describeRun(begunAt: Date): string {
  return `Your run of ${TIME.format(begunAt)}, seen again`;
}
