import { describeRunEnd } from '../../../protocol/run-end.ts';
import type { LinkName } from '../../../protocol/topology.ts';
import type { Happening } from '../network/story.ts';
import { tellChanges } from '../network/tell-change.ts';
import { formatDuration } from '../verdict/quantity.ts';
import type { Tape } from './tape.ts';

/** A moment of a tape that matters, in words. `atMs` as in the tape. */
export type Mark = { atMs: number; text: string; kind: MarkKind; link: LinkName | null };

/** `end`: the client's program is over. */
export type MarkKind = 'flow' | 'condition' | 'verdict' | 'end';

/** What happens within this part of a tape is one mark: more of them could not be told apart. */
const APART = 1 / 150;

export function marksOf(tape: Tape): Mark[] {
  const { startMs, endMs, last } = tape;
  const isMark = ({ kind, atMs }: Happening) => atMs >= startMs && (kind === 'flow' || kind === 'verdict');
  const happened = last.story.happenings.filter(isMark).map(({ atMs, text, kind, link }): Mark => {
    return { atMs, text, kind: kind === 'verdict' ? 'verdict' : 'flow', link };
  });
  const marks = [...happened, ...switched(tape), ...ends(tape)];
  return gathered(
    marks.toSorted((one, other) => one.atMs - other.atMs),
    (endMs - startMs) * APART,
  );
}

/** What was changed in the lab. */
function switched({ startMs, events, sceneAt }: Tape): Mark[] {
  let { conditions, topology } = sceneAt(startMs).story;
  return events.flatMap((event): Mark[] => {
    if (event.type === 'lab-opened') topology = event.topology;
    if (event.type !== 'conditions') return [];
    const changes = conditions === null ? [] : tellChanges(conditions, event.conditions, topology);
    conditions = event.conditions;
    return changes.map(({ text, link }) => ({ atMs: event.at, text, kind: 'condition', link }));
  });
}

/** The end of the client, and a fallback while it ran; the final verdict is told as what happened. */
function ends({ events }: Tape): Mark[] {
  let isFallback = false;
  return events.flatMap((event): Mark[] => {
    if (event.type === 'run-ended' && event.host === 'client') {
      return [{ atMs: event.at, text: `The client ends: ${describeRunEnd(event.end)}`, kind: 'end', link: null }];
    }
    if (event.type !== 'verdict') return [];
    const isNew = event.verdict.kind === 'fallback' && !isFallback && !event.final;
    isFallback = event.verdict.kind === 'fallback';
    return isNew ? [{ atMs: event.at, text: event.verdict.headline, kind: 'verdict', link: null }] : [];
  });
}

function gathered(marks: Mark[], apartMs: number): Mark[] {
  const groups: Mark[][] = [];
  for (const mark of marks) {
    const group = groups.at(-1);
    if (group?.[0] !== undefined && mark.atMs - group[0].atMs <= apartMs) group.push(mark);
    else groups.push([mark]);
  }
  return groups.map((group) => {
    const links = new Set(group.map(({ link }) => link));
    return {
      atMs: group.at(-1)?.atMs ?? 0,
      text: byWeight(group)
        .map(({ text }) => text)
        .join('. '),
      kind: byWeight(group)[0]?.kind ?? 'flow',
      link: links.size === 1 ? (group[0]?.link ?? null) : null,
    };
  });
}

/** What matters most comes first, since there may be no room for the rest; of the same kind, the latest. */
function byWeight(marks: Mark[]): Mark[] {
  return marks.toReversed().toSorted((one, other) => KINDS.indexOf(one.kind) - KINDS.indexOf(other.kind));
}

const KINDS: MarkKind[] = ['verdict', 'end', 'condition', 'flow'];

/** "1.2 s: Wi-Fi goes down", at a mark and shortly after it; "1.9 s, after: Wi-Fi goes down" later. */
export function momentWords(marks: Mark[], { startMs, endMs }: Pick<Tape, 'startMs' | 'endMs'>, atMs: number): string {
  const time = formatMoment(atMs - startMs, endMs - startMs);
  const mark = marks.findLast((known) => known.atMs <= atMs);
  if (mark === undefined) return time;
  const isNow = atMs - mark.atMs <= (endMs - startMs) * APART * 2;
  return isNow ? `${time}: ${mark.text}` : `${time}, after: ${mark.text}`;
}

/** In the unit of the whole, so that it does not change while time goes on: "34 ms", "0.2 s", "61 s". */
export function formatMoment(elapsedMs: number, wholeMs: number): string {
  if (wholeMs < 999.5) return `${Math.round(elapsedMs)} ms`;
  return elapsedMs >= 9_950 ? formatDuration(elapsedMs) : `${(elapsedMs / 1000).toFixed(1)} s`;
}

/** The mark before or after, for a key that goes from one to the next; the ends of the tape are the last ones. */
export function nextMark(marks: Mark[], { startMs, endMs }: Pick<Tape, 'startMs' | 'endMs'>, atMs: number, step: 1 | -1): number {
  if (step === 1) return marks.find((mark) => mark.atMs > atMs)?.atMs ?? endMs;
  return marks.findLast((mark) => mark.atMs < atMs)?.atMs ?? startMs;
}
