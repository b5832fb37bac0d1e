import { element } from '../element.ts';
import { formatDuration } from '../verdict/quantity.ts';
import type { Happening, Story } from './story.ts';

/** The timeline in words, the latest last. Times count from the first line. */
export function openEventsView(panel: HTMLElement): { show(story: Story): void } {
  const empty = [...panel.childNodes];
  const list = element('ol', 'network-events');
  let shown: Happening[] = [];

  return {
    show({ happenings }) {
      if (happenings === shown) return;
      if (happenings.length === 0) panel.replaceChildren(...empty);
      else if (list.parentNode !== panel) panel.replaceChildren(list);
      // The list grows at its end, and loses at its beginning: most of its lines stay.
      const kept = shown.indexOf(happenings[0] ?? NOTHING);
      const isLonger = kept >= 0 && shown.slice(kept).every((line, index) => line === happenings[index]);
      if (!isLonger) list.replaceChildren();
      else for (let gone = 0; gone < kept; gone++) list.firstChild?.remove();
      const startedAt = happenings[0]?.atMs ?? 0;
      for (const line of happenings.slice(isLonger ? shown.length - kept : 0)) list.append(lineOf(line, startedAt));
      shown = happenings;
      panel.scrollTop = panel.scrollHeight;
    },
  };
}

const NOTHING: Happening = { atMs: 0, text: '', link: null, kind: 'flow' };

function lineOf({ atMs, text, link, kind }: Happening, startedAtMs: number): HTMLElement {
  const line = element(
    'li',
    `network-event-${kind}`,
    element('time', '', formatDuration(atMs - startedAtMs)),
    element('span', link === null ? '' : `link-dot link-${link}`, text),
  );
  return line;
}
