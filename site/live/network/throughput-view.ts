import { element } from '../element.ts';
import { formatBytes } from '../verdict/quantity.ts';
import type { Story } from './story.ts';
import {
  CHARTED_TITLES,
  type Charted,
  drawnEveryMs,
  longestStall,
  meanRate,
  READ_OVER_SECONDS,
  rateAt,
  type Throughput,
  thinned,
  throughputOf,
} from './throughput.ts';
import { type Mark, openThroughputChart, type ThroughputChart } from './throughput-chart.ts';

/** Rows of the table, in the order of the map. */
const ROWS = ['wifi', 'cellular', 'together'] as const;
/** The crosshair names a mark that is no further away. */
const NEAR_MARK_SECONDS = 0.15;
/** Less than this may be a look that came late. */
const LEAST_STALL_SECONDS = 0.25;

/** The throughput of the present run: a chart with a crosshair, and the same in a table of numbers. */
export function openThroughputView(panel: HTMLElement, signal: AbortSignal): { show(story: Story, whole?: Story): void } {
  const empty = [...panel.childNodes];
  const frame = element('div', 'throughput-chart');
  // Arrow keys move the crosshair; what it points at is said by its value.
  frame.tabIndex = 0;
  frame.setAttribute('role', 'slider');
  frame.setAttribute('aria-label', 'Moment of the run');
  const moment = element('th', '');
  const cells = new Map(ROWS.map((name) => [name, [element('td', ''), element('td', ''), element('td', '')]]));
  const table = tableOf(moment, cells);
  const unit = element('p', 'throughput-unit', 'Mbit/s');
  unit.ariaHidden = 'true';
  const notes = element('p', 'throughput-notes');
  let chart: ThroughputChart | null = null;
  let samples: Story['samples'] = [];
  let scale: Story['samples'] = [];
  let throughput: Throughput = throughputOf([]);
  /** What the crosshair points at. */
  let drawn: Throughput = throughput;
  let whole: Throughput = throughput;
  let marks: Mark[] = [];
  let pointed: number | null = null;

  const close = () => {
    chart?.dispose();
    chart = null;
    pointed = null;
    panel.replaceChildren(...empty);
  };

  const tell = () => {
    const last = throughput.seconds.length - 1;
    const seconds = (pointed === null ? throughput.seconds[last] : drawn.seconds[pointed]) ?? 0;
    const rates = (name: Charted) => (pointed === null ? rateAt(throughput, last, name) : (drawn.rates[name][pointed] ?? 0));
    setText(moment, pointed === null ? `last ${READ_OVER_SECONDS} s` : `at ${seconds.toFixed(1)} s`);
    for (const name of ROWS) {
      const [now, mean, bytes] = cells.get(name) ?? [];
      setText(now, mbit(rates(name)));
      setText(mean, mbit(meanRate(throughput, name)));
      setText(bytes, formatBytes(throughput.bytes[name].at(-1) ?? 0));
    }
    const near = pointed === null ? [] : marks.filter((mark) => Math.abs(mark.seconds - seconds) < NEAR_MARK_SECONDS);
    const stall = longestStall(throughput);
    const still = stall < LEAST_STALL_SECONDS ? 'It never stood still' : `Longest time without data: ${stall.toFixed(1)} s`;
    setText(notes, near.length > 0 ? near.map(({ text }) => text).join('. ') : `${still}. Both directions, headers included.`);
    frame.setAttribute('aria-valuemin', '0');
    frame.setAttribute('aria-valuemax', (throughput.seconds.at(-1) ?? 0).toFixed(1));
    frame.setAttribute('aria-valuenow', seconds.toFixed(1));
    const sentence = ROWS.map((name) => `${CHARTED_TITLES[name]} ${mbit(rates(name))}`).join(', ');
    frame.setAttribute('aria-valuetext', [`${seconds.toFixed(1)} s: ${sentence}`, ...near.map(({ text }) => text)].join('. '));
  };

  frame.addEventListener(
    'keydown',
    (event) => {
      const last = drawn.seconds.length - 1;
      const next = indexAfterKey(event.key, pointed ?? last, last);
      if (next === undefined) return;
      event.preventDefault();
      chart?.point(next);
    },
    { signal },
  );
  signal.addEventListener('abort', close);

  return {
    show(story, tape = story) {
      if (tape.samples.length < 2) {
        samples = story.samples;
        if (chart !== null) close();
        return;
      }
      // What is not seen is not drawn; the next event after it is shown draws all.
      if (panel.hidden || (story.samples === samples && tape.samples === scale)) return;
      const everyMs = drawnEveryMs(tape.samples);
      if (tape.samples !== story.samples && tape.samples !== scale) whole = throughputOf(thinned(tape.samples, everyMs));
      samples = story.samples;
      scale = tape.samples;
      throughput = throughputOf(samples);
      drawn = everyMs > drawnEveryMs([]) ? throughputOf(thinned(samples, everyMs)) : throughput;
      if (scale === samples) whole = drawn;
      marks = marksOf(story);
      if (chart === null) {
        panel.replaceChildren(unit, frame, table, notes);
        chart = openThroughputChart(frame, (index) => {
          pointed = index;
          tell();
        });
      }
      chart.draw(drawn, marks, whole);
      tell();
    },
  };
}

function tableOf(moment: HTMLElement, cells: Map<(typeof ROWS)[number], HTMLElement[]>): HTMLElement {
  const head = element('tr', '', element('th', '', ''), moment, element('th', '', 'average'), element('th', '', 'in all'));
  for (const cell of head.querySelectorAll('th')) cell.scope = 'col';
  const rows = ROWS.map((name) => {
    const title = element('th', `link-dot throughput-${name} link-${name}`, CHARTED_TITLES[name]);
    title.scope = 'row';
    return element('tr', '', title, ...(cells.get(name) ?? []));
  });
  return element('table', 'throughput-table', element('thead', '', head), element('tbody', '', ...rows));
}

/** What changed the network or the connection; the programs' starts and the verdict are told elsewhere. */
function marksOf({ happenings, samples }: Story): Mark[] {
  const startMs = samples[0]?.atMs ?? 0;
  const endMs = samples.at(-1)?.atMs ?? 0;
  return happenings
    .filter(({ kind, atMs }) => (kind === 'flow' || kind === 'condition') && atMs >= startMs && atMs <= endMs)
    .map(({ atMs, text, link, kind }) => ({
      seconds: (atMs - startMs) / 1000,
      text,
      color: kind === 'condition' ? '--warn' : link === 'wifi' || link === 'cellular' ? `--${link}` : '--soft',
    }));
}

/** `null` takes the crosshair away; `undefined` is for a key of no meaning. */
function indexAfterKey(key: string, index: number, last: number): number | null | undefined {
  switch (key) {
    case 'ArrowLeft':
    case 'ArrowDown':
      return Math.max(0, index - 1);
    case 'ArrowRight':
    case 'ArrowUp':
      return Math.min(last, index + 1);
    case 'Home':
      return 0;
    case 'End':
      return last;
    case 'Escape':
      return null;
    default:
      return undefined;
  }
}

function mbit(bitsPerSecond: number): string {
  return `${(bitsPerSecond / 1e6).toFixed(1)} Mbit/s`;
}

function setText(target: HTMLElement | undefined, text: string): void {
  if (target !== undefined && target.textContent !== text) target.textContent = text;
}
