import { element } from '../element.ts';
import { type Announced, addressText } from './announced.ts';
import type { Story } from './story.ts';

/** What each host announced, beside it: struck through once it is taken back. */
export function openAnnouncedView(client: HTMLElement, server: HTMLElement): { show(story: Story): void } {
  const boxes = { client, server };
  let shown: Announced[] = [];
  return {
    show({ announced }) {
      if (announced === shown) return;
      shown = announced;
      for (const host of ['client', 'server'] as const) {
        const own = announced.filter((one) => one.host === host);
        boxes[host].hidden = own.length === 0;
        boxes[host].replaceChildren(
          element('p', '', host === 'client' ? 'The client announced' : 'announced'),
          element('ul', '', ...own.map(itemOf)),
        );
      }
    },
  };
}

function itemOf({ address, port, withdrawn }: Announced): HTMLElement {
  const text = addressText(address, port);
  if (!withdrawn) return element('li', '', text);
  const item = element('li', '', element('s', '', text));
  item.title = 'taken back';
  item.setAttribute('aria-label', `${text}, taken back`);
  return item;
}
