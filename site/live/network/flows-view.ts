import { element } from '../element.ts';
import { formatRate } from '../verdict/quantity.ts';
import { addressText } from './announced.ts';
import { type FlowLine, LOOK_WORDS, lookOf, type Rate, rateOf } from './flow-line.ts';
import { MOVING_BITS } from './map-view.ts';
import type { Story } from './story.ts';
import { setText, svgElement } from './svg.ts';

/** Numbers that change more often cannot be read. */
const REFRESH_MS = 500;

/** The lines of the map as a list: what each one looks like, the word for it, its two ends, and what it carries now. */
export function openFlowsView(list: HTMLElement): { show(story: Story): void } {
  const rows = new Map<string, Row>();
  const heads = new Map<string, HTMLElement>();
  let refreshedAtMs = Number.NEGATIVE_INFINITY;
  let timer: ReturnType<typeof setTimeout> | undefined;

  return {
    show(story) {
      const { flows, rates, atMs, topology } = story;
      const isDue = atMs < refreshedAtMs || atMs >= refreshedAtMs + REFRESH_MS || Object.keys(rates).length === 0;
      if (isDue) refreshedAtMs = atMs;
      // Of a moment that stays, as of a tape that stands still, the numbers are told in the end.
      clearTimeout(timer);
      if (!isDue) {
        timer = setTimeout(() => {
          refreshedAtMs = Number.NEGATIVE_INFINITY;
          this.show(story);
        }, REFRESH_MS);
      }
      list.hidden = flows.length === 0;

      const wanted: HTMLElement[] = [];
      for (const [name, lines] of Map.groupBy(flows, groupOf)) {
        wanted.push(headOf(heads, name));
        for (const line of lines) {
          const row = rows.get(line.id) ?? newRow();
          rows.set(line.id, row);
          const title = topology.links.find((link) => link.name === line.link)?.title ?? '';
          dress(row, line, title);
          if (isDue) setText(row.rate, rateText(rateOf(line, flows, rates, atMs)));
          wanted.push(row.item);
        }
      }
      const ids = new Set(flows.map(({ id }) => id));
      for (const id of rows.keys()) if (!ids.has(id)) rows.delete(id);
      for (const [token, head] of heads) if (!wanted.includes(head)) heads.delete(token);
      if (wanted.length !== list.children.length || wanted.some((item, index) => item !== list.children[index])) {
        list.replaceChildren(...wanted);
      }
    },
  };
}

type Row = { item: HTMLElement; sample: SVGElement; word: HTMLElement; ends: HTMLElement; began: HTMLElement; rate: HTMLElement };

function newRow(): Row {
  const sample = svgElement('path', { d: SAMPLE, class: 'flow-line' });
  const drawing = svgElement(
    'svg',
    { viewBox: '0 0 32 8', class: 'flow-sample', 'aria-hidden': 'true' },
    sample,
    svgElement('path', { d: SAMPLE, class: 'flow-core' }),
  );
  const [word, rate] = [element('span', 'flow-word'), element('span', 'flow-rate')];
  const [ends, began] = [element('span', 'flow-ends'), element('span', 'flow-began')];
  return {
    item: element('li', '', drawing, word, rate, element('span', 'flow-more', ends, began)),
    sample,
    word,
    ends,
    began,
    rate,
  };
}

const SAMPLE = 'M3 4H29';

function dress({ item, sample, word, ends, began }: Row, line: FlowLine, title: string): void {
  const { flow, link } = line;
  const look = lookOf(line);
  const name = `network-flow link-${link ?? 'none'}`;
  if (item.className !== name) item.className = name;
  sample.dataset['look'] = look;
  setText(word, [title, LOOK_WORDS[look]].filter((text) => text !== '').join(', '));
  setText(ends, flow === null ? '' : endsText(flow));
  setText(began, [line.began ?? '', line.state === 'closed' ? (line.ended ?? '') : ''].filter((text) => text !== '').join(', '));
}

function endsText({ localAddress, localPort, remoteAddress, remotePort }: NonNullable<FlowLine['flow']>): string {
  return `${addressText(localAddress, localPort)} → ${addressText(remoteAddress, remotePort)}`;
}

function rateText(rate: Rate | null): string {
  if (rate === null || rate.bits < MOVING_BITS) return '';
  return `${formatRate(rate.bits)} ${rate.toward === 'server' ? '→' : '←'}`;
}

/** A token, or the empty text for plain TCP. */
function groupOf({ token }: FlowLine): string {
  return token ?? '';
}

function headOf(heads: Map<string, HTMLElement>, token: string): HTMLElement {
  const known = heads.get(token);
  if (known !== undefined) return known;
  const head = element('li', 'network-flow-head', token === '' ? 'No connection of Multipath TCP' : `Connection 0x${token}`);
  heads.set(token, head);
  return head;
}
