import type { LinkName } from '../../../protocol/topology.ts';
import { addressesOf } from '../../../protocol/topology.ts';
import { formatRate } from '../verdict/quantity.ts';
import { lookOf, type Rate, rateOf } from './flow-line.ts';
import { type FlowPath, openFlowPaths } from './flow-paths.ts';
import type { Signal } from './signal.ts';
import { withWire } from './signal.ts';
import { openSignalMarks } from './signal-marks.ts';
import type { Story } from './story.ts';
import { setText, svgPart } from './svg.ts';
import { recentRate } from './throughput.ts';

/** The drawing of the lab: its links, each connection as a line per subflow on the link that it uses, and what the hosts say. */
export type MapView = {
  /** `whole` is what the story comes to, where it is one that is seen again. */
  show(story: Story, whole?: Story): void;
  /** What the packets of a capture tell of signals, beyond what the story has. */
  seeOnWire(signals: Signal[]): void;
};

/** Below it, a link counts as still: single packets are attempts, and no transfer. */
export const MOVING_BITS = 8_000;

const DRAWN = ['wifi', 'cellular', 'lan'] as const;

export function openMapView(map: HTMLElement): MapView {
  const svg = svgPart(map, 'svg', SVGSVGElement);
  const tracks = Object.fromEntries(DRAWN.map((name) => [name, svgPart(svg, `[data-link=${name}]`, SVGPathElement)])) as Record<
    LinkName,
    SVGPathElement
  >;
  const paths = openFlowPaths(svgPart(svg, '.flows', SVGGElement), tracks);
  const marks = openSignalMarks(svgPart(svg, '.signals', SVGGElement), tracks);
  let last: Story | null = null;
  let wire: Signal[] = [];
  let isWirePast = false;

  return {
    show(story, whole) {
      const isJump = whole !== undefined && isFar(last, story);
      isWirePast ||= isJump;
      last = story;
      showLinks(svg, tracks, story);
      showHosts(svg, story);
      paths.show(pathsOf(story));
      const signals = withWire(story.signals, wire);
      if (isJump) marks.pass(signals);
      else marks.show(signals);
    },
    seeOnWire(signals) {
      wire = signals;
      if (last === null) return;
      const all = withWire(last.signals, wire);
      // The first that is told of packets after a jump is of those before it.
      if (isWirePast) marks.pass(all);
      else marks.show(all);
      isWirePast = false;
    },
  };
}

/** Who goes back or far ahead does not see what was said meanwhile: it is past by then. */
function isFar(before: Story | null, { atMs }: Story): boolean {
  return before === null || atMs < before.atMs || atMs > before.atMs + JUMP_MS;
}

const JUMP_MS = 1_000;

function showLinks(svg: SVGSVGElement, tracks: Record<LinkName, SVGPathElement>, { conditions, samples, rates }: Story): void {
  for (const { link, near, far, rateKbit, delayMs, lossPercent } of conditions?.links ?? []) {
    const isDown = !near.carrier || !near.adminUp || !far.adminUp;
    tracks[link].toggleAttribute('data-down', isDown);
    if (link === 'lan') continue;
    svgPart(svg, `[data-cut=${link}]`, SVGElement).toggleAttribute('data-shown', isDown);
    // Once the client has ended, its links carry nothing.
    const now = rates[link] === undefined ? 0 : recentRate(samples, link);
    const limit = rateKbit === null ? null : rateKbit * 1000;
    setText(svgPart(svg, `[data-rate=${link}]`, SVGElement), isDown ? 'cut' : rateText(now, limit));
    const facts = [...(delayMs === null ? [] : [`${delayMs} ms`]), ...(lossPercent === 0 ? [] : [`loses ${lossPercent} %`])];
    setText(svgPart(svg, `[data-facts=${link}]`, SVGElement), facts.join(', '));
  }
}

/** "8.7 of 10 Mbit/s" */
function rateText(now: number, limit: number | null): string {
  const of = limit === null ? 'no limit' : formatRate(limit);
  if (now < MOVING_BITS) return of;
  const [value, unit = ''] = formatRate(now).split(' ');
  return of.endsWith(` ${unit}`) ? `${value} of ${of}` : `${value} ${unit} of ${of}`;
}

function showHosts(svg: SVGSVGElement, { topology, conditions, flows }: Story): void {
  const isIpv6 = flows.some(({ flow }) => flow?.localAddress.includes(':'));
  const first = (host: 'client' | 'server', link: LinkName) =>
    addressesOf(topology, host).find((own) => own.link === link && own.address.includes(':') === isIpv6)?.address ?? '';
  setText(svgPart(svg, '[data-address=wifi]', SVGElement), first('client', 'wifi'));
  setText(svgPart(svg, '[data-address=cellular]', SVGElement), first('client', 'cellular'));
  setText(svgPart(svg, '[data-address=lan]', SVGElement), first('server', 'lan'));
  const strips = conditions?.stripped ?? null;
  const drops = conditions?.synDropped ? 'drops MP_CAPABLE' : '';
  // The widest one not in the last line, where the server's address is.
  const words = strips === null ? ['', drops] : [drops, 'strips options', strips === 'all' ? '' : `of ${STRIPPED_WORDS[strips]}`];
  for (const [index, line] of [...svg.querySelectorAll('[data-router]')].entries()) setText(line, words[index] ?? '');
}

const STRIPPED_WORDS = { syn: 'SYN', 'syn-ack': 'SYN+ACK', data: 'data' } as const;

/** A flow is a line on its own link, and one on the link between router and server. */
function pathsOf({ flows, rates, atMs }: Story): FlowPath[] {
  const seen = flows.filter((flow) => flow.link !== null);
  return DRAWN.flatMap((track) => {
    const here = seen.filter((flow) => track === 'lan' || flow.link === track);
    return here.map((flow, index) => ({
      id: `${flow.id} ${track}`,
      track,
      link: flow.link ?? track,
      look: lookOf(flow),
      rate: moving(rateOf(flow, flows, rates, atMs)),
      place: { index, of: here.length },
    }));
  });
}

function moving(rate: Rate | null): Rate | null {
  return rate !== null && rate.bits >= MOVING_BITS ? rate : null;
}
