import type { LinkName } from '../../../protocol/topology.ts';
import { prefersStill } from './flow-paths.ts';
import type { Signal } from './signal.ts';
import { svgElement } from './svg.ts';

/** Where a label has room: beside its link, or between both for what went by one of them, unknown which. */
type Lane = 'wifi' | 'cellular' | 'unknown';
const LABEL_AT: Record<Lane, { x: number; y: number }> = {
  wifi: { x: 136, y: 91 },
  unknown: { x: 136, y: 130.5 },
  cellular: { x: 136, y: 170 },
};
const SECOND_LINE_PX = 19.5;

const TRAVEL_MS = 1_300;
const SHOWN_MS = 2_400;
/** Different things that wait on a lane; what is said again meanwhile is counted. */
const MAX_WAITING = 8;
/** As many as a story keeps, and those of a capture beside them. */
const MAX_KNOWN = 400;
const STEPS = 24;

/** Each signal once: a label, and a dot that goes the way of the packet. One at a time on each lane. */
export function openSignalMarks(group: SVGGElement, tracks: Record<LinkName, SVGPathElement>) {
  const known = new Set<string>();
  const lanes: Record<Lane, { waiting: Waiting[]; shown: SVGGElement | null }> = {
    wifi: { waiting: [], shown: null },
    cellular: { waiting: [], shown: null },
    unknown: { waiting: [], shown: null },
  };

  const showNext = (name: Lane) => {
    const lane = lanes[name];
    const next = lane.shown === null ? lane.waiting.shift() : undefined;
    if (next === undefined) return;
    const mark = draw(next, name, tracks);
    lane.shown = mark;
    group.append(mark);
    const fade = mark.animate([{ opacity: 0 }, { opacity: 1, offset: 0.08 }, { opacity: 1, offset: 0.85 }, { opacity: 0 }], {
      duration: SHOWN_MS,
    });
    fade.onfinish = () => {
      mark.remove();
      if (lane.shown !== mark) return;
      lane.shown = null;
      showNext(name);
    };
  };

  const clear = () => {
    known.clear();
    for (const lane of Object.values(lanes)) {
      lane.waiting = [];
      lane.shown?.remove();
      lane.shown = null;
    }
  };

  return {
    /** These are past: none of them is shown, now or later. */
    pass(signals: Signal[]): void {
      clear();
      for (const { id } of signals) known.add(id);
    },
    show(signals: Signal[]): void {
      // Another run, or a moment before: what is not said yet can be said anew.
      if (!signals.some(({ id }) => known.has(id))) clear();
      for (const signal of signals) {
        if (known.has(signal.id)) continue;
        known.add(signal.id);
        const name = laneOf(signal);
        const { waiting } = lanes[name];
        const same = waiting.find((one) => one.signal.option === signal.option && one.signal.from === signal.from);
        if (same !== undefined) same.count++;
        else if (waiting.length < MAX_WAITING) waiting.push({ signal, count: 1 });
        showNext(name);
      }
      if (known.size > MAX_KNOWN) for (const id of [...known].slice(0, known.size - MAX_KNOWN)) known.delete(id);
    },
  };
}

type Waiting = { signal: Signal; count: number };

function laneOf({ link }: Signal): Lane {
  return link === 'wifi' || link === 'cellular' ? link : 'unknown';
}

function draw({ signal, count }: Waiting, lane: Lane, tracks: Record<LinkName, SVGPathElement>): SVGGElement {
  const { option, from, says } = signal;
  const { x, y } = LABEL_AT[lane];
  const words = [count > 1 ? `${count} times` : says, from === 'client' ? 'to server' : 'to client'];
  const mark = svgElement(
    'g',
    { class: `signal link-${lane === 'unknown' ? 'lan' : lane}` },
    svgElement('text', { x, y, class: 'signal-name' }, option),
    svgElement('text', { x, y: y + SECOND_LINE_PX }, words.find((text) => text !== '') ?? ''),
  );
  if (!prefersStill()) {
    const dot = svgElement('circle', { r: 5, class: 'signal-dot' });
    mark.append(dot);
    travel(dot, wayOf(signal, lane, tracks));
  }
  return mark;
}

type Point = { x: number; y: number };

/** From host to host; of the way over a link that nobody knows, only the part that is sure. */
function wayOf({ from }: Signal, lane: Lane, tracks: Record<LinkName, SVGPathElement>): Point[] {
  const way = [...(lane === 'unknown' ? [] : pointsOf(tracks[lane])), ...pointsOf(tracks.lan)];
  return from === 'client' ? way : way.reverse();
}

function pointsOf(path: SVGPathElement): Point[] {
  const length = path.getTotalLength();
  return Array.from({ length: STEPS + 1 }, (_, step) => path.getPointAtLength((length * step) / STEPS));
}

function travel(dot: SVGCircleElement, way: Point[]): void {
  dot.animate(
    way.map(({ x, y }) => ({ transform: `translate(${x.toFixed(1)}px, ${y.toFixed(1)}px)` })),
    { duration: TRAVEL_MS, easing: 'ease-in-out', fill: 'both' },
  ).onfinish = () => dot.remove();
}
