import type { LinkName } from '../../../protocol/topology.ts';
import { formatRate } from '../verdict/quantity.ts';
import type { FlowLine, Story } from './story.ts';

/** The drawing of the lab: its links, and each connection as a line per subflow on the link that it uses. */
export type MapView = { show(story: Story): void };

const SVG = 'http://www.w3.org/2000/svg';
/** Lines of several flows on one link lie beside each other. */
const LINE_GAP_PX = 5;
/** Below it, a link counts as still. */
const MOVING_BITS = 8_000;
/** A dash runs its length in this time at 1 Mbit/s, and faster with the square root of the rate. */
const PACE_S = 1.2;

export function openMapView(map: HTMLElement): MapView {
  const svg = svgPart(map, 'svg');
  const flowGroup = svgPart(svg, '.flows');
  const router = svgPart(svg, '[data-router]');
  const lines = new Map<string, { line: SVGElement; bytes: SVGElement }>();
  const paths = Object.fromEntries(
    (['wifi', 'cellular', 'lan'] as const).map((name) => [name, svgPart(svg, `[data-link=${name}]`)]),
  );

  const showLinks = ({ conditions, rates }: Story) => {
    for (const condition of conditions?.links ?? []) {
      const { link, near, far, rateKbit, delayMs, lossPercent } = condition;
      const isDown = !near.carrier || !near.adminUp || !far.adminUp;
      paths[link]?.toggleAttribute('data-down', isDown);
      if (link === 'lan') continue;
      svgPart(svg, `[data-cut=${link}]`).toggleAttribute('data-shown', isDown);
      const now = rates[link] ?? 0;
      const facts = [
        rateKbit === null ? 'no limit' : formatRate(rateKbit * 1000),
        ...(delayMs === null ? [] : [`${delayMs} ms`]),
        ...(lossPercent === 0 ? [] : [`loses ${lossPercent} %`]),
      ].join(', ');
      const text = isDown ? 'cut' : now > MOVING_BITS ? ofLimit(formatRate(now), facts) : facts;
      setText(svgPart(svg, `[data-facts=${link}]`), text);
    }
    const strips = conditions?.stripped ?? null;
    const words = [
      ...(strips === null ? [] : [`strips options (${strips})`]),
      ...(conditions?.synDropped ? ['drops MP_CAPABLE'] : []),
    ];
    setText(router, words.join(', '));
  };

  const showFlows = (story: Story) => {
    const shown = linesOf(story.flows);
    for (const [id, { line, bytes }] of lines) {
      if (shown.some((flow) => flow.id === id)) continue;
      line.remove();
      bytes.remove();
      lines.delete(id);
    }
    for (const { id, flow, link, offset } of shown) {
      const made = lines.get(id) ?? draw(flowGroup, paths[link]?.getAttribute('d') ?? '');
      lines.set(id, made);
      made.line.setAttribute('class', `flow-line link-${flow.link}`);
      made.line.dataset['state'] = flow.state;
      made.line.toggleAttribute('data-backup', flow.backup);
      for (const path of [made.line, made.bytes]) path.setAttribute('transform', `translate(0 ${offset})`);
      const bits = flow.state === 'closed' ? 0 : (story.rates[flow.link ?? link] ?? 0);
      made.bytes.toggleAttribute('data-moving', bits > MOVING_BITS);
      made.bytes.style.setProperty('--pace', `${(PACE_S / Math.sqrt(Math.max(bits, MOVING_BITS) / 1e6)).toFixed(2)}s`);
      made.bytes.style.display = bits > MOVING_BITS ? 'inline' : 'none';
    }
  };

  return {
    show(story) {
      showLinks(story);
      showFlows(story);
    },
  };
}

/** "8.7 of 10 Mbit/s": short enough for the room within the link's curve. */
function ofLimit(now: string, limit: string): string {
  const [value, unit = ''] = now.split(' ');
  return limit.includes(` ${unit}`) ? `${value} of ${limit}` : `${now} of ${limit}`;
}

type Line = { id: string; flow: FlowLine; link: LinkName; offset: number };

/** A flow is a line on its own link, and one on the link between router and server. */
function linesOf(flows: FlowLine[]): Line[] {
  const seen = flows.filter((flow) => flow.link !== null);
  return (['wifi', 'cellular', 'lan'] as const).flatMap((link) => {
    const here = seen.filter((flow) => link === 'lan' || flow.link === link);
    return here.map((flow, index) => ({
      id: `${flow.id} ${link}`,
      flow,
      link,
      offset: (index - (here.length - 1) / 2) * LINE_GAP_PX,
    }));
  });
}

function draw(group: SVGElement, d: string): { line: SVGElement; bytes: SVGElement } {
  const [line, bytes] = [document.createElementNS(SVG, 'path'), document.createElementNS(SVG, 'path')];
  bytes.setAttribute('class', 'flow-bytes');
  for (const path of [line, bytes]) path.setAttribute('d', d);
  group.append(line, bytes);
  return { line, bytes };
}

function setText(element: SVGElement, text: string): void {
  if (element.textContent !== text) element.textContent = text;
}

function svgPart(root: ParentNode, selector: string): SVGElement {
  const found = root.querySelector(selector);
  if (found instanceof SVGElement) return found;
  throw new Error(`Expected a drawing at "${selector}" in the lab, found ${found?.tagName ?? 'nothing'}`);
}
