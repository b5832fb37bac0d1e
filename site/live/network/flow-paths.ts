import type { LinkName } from '../../../protocol/topology.ts';
import type { Look, Rate } from './flow-line.ts';
import { svgElement } from './svg.ts';

/** A line of the drawing: a flow on one of the links that it crosses. */
export type FlowPath = {
  id: string;
  /** Where it is drawn, and the link that gives its color. */
  track: LinkName;
  link: LinkName;
  look: Look;
  /** Of the bytes that cross it; null while none do, or nobody knows. */
  rate: Rate | null;
  /** Among the lines on the same track. */
  place: { index: number; of: number };
};

/** Lines of several flows on one link lie beside each other, closer where there are many. */
const GAP_PX = 6;
const SPREAD_PX = 21;
/** From one of the dots that stand for bytes to the next, as in network.css. */
const DOT_EVERY_PX = 16;
/** How far dots come in a second at 1 Mbit/s; further with the square root of the rate. */
const PACE_PX = 12;

/** Draws the lines anew where something became of them, and moves the dots on them: not at all where nothing flows. */
export function openFlowPaths(group: SVGGElement, tracks: Record<LinkName, SVGPathElement>): { show(paths: FlowPath[]): void } {
  const drawn = new Map<string, Drawn>();
  return {
    show(paths) {
      const ids = new Set(paths.map(({ id }) => id));
      for (const [id, { all }] of drawn) {
        if (ids.has(id)) continue;
        all.remove();
        drawn.delete(id);
      }
      for (const path of paths) {
        const made = drawn.get(path.id) ?? draw(group, tracks[path.track].getAttribute('d') ?? '');
        drawn.set(path.id, made);
        dress(made, path);
      }
    },
  };
}

type Drawn = { all: SVGGElement; line: SVGPathElement; bytes: SVGPathElement; motion: Animation };

function draw(group: SVGGElement, d: string): Drawn {
  const line = svgElement('path', { d, class: 'flow-line' });
  const bytes = svgElement('path', { d, class: 'flow-bytes' });
  const all = svgElement('g', {}, line, svgElement('path', { d, class: 'flow-core' }), bytes);
  group.append(all);
  const motion = bytes.animate([{ strokeDashoffset: 0 }, { strokeDashoffset: -DOT_EVERY_PX }], {
    duration: 1000,
    iterations: Number.POSITIVE_INFINITY,
  });
  motion.pause();
  return { all, line, bytes, motion };
}

function dress({ all, line, bytes, motion }: Drawn, { link, look, rate, place }: FlowPath): void {
  const gap = Math.min(GAP_PX, SPREAD_PX / Math.max(1, place.of - 1));
  const offset = (place.index - (place.of - 1) / 2) * gap;
  const now = `flow link-${link}`;
  if (all.getAttribute('class') !== now) all.setAttribute('class', now);
  all.setAttribute('transform', `translate(0 ${offset.toFixed(2)})`);
  all.style.setProperty('--slim', String(Math.min(1, gap / GAP_PX)));
  line.dataset['look'] = look;
  bytes.toggleAttribute('data-moving', rate !== null);
  if (rate === null || prefersStill()) {
    motion.pause();
    return;
  }
  // A new pace goes on from where the dots are: a new duration would make them jump.
  const pace = (PACE_PX * Math.sqrt(rate.bits / 1e6)) / DOT_EVERY_PX;
  motion.updatePlaybackRate(rate.toward === 'server' ? pace : -pace);
  if (motion.playState !== 'running') motion.play();
}

/** Who wants no motion gets dots that stand. */
export function prefersStill(): boolean {
  return matchMedia('(prefers-reduced-motion: reduce)').matches;
}
