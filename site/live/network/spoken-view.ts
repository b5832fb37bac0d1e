import { element } from '../element.ts';
import { describeNetwork } from './describe-network.ts';
import type { Story } from './story.ts';

/** The map for who does not see it: sentences of a live region, of which those that are new are read out. */
export function openSpokenView(said: HTMLElement): { show(story: Story): void } {
  let shown: string[] = [];
  return {
    show(story) {
      const sentences = describeNetwork(story);
      if (sentences.join() === shown.join()) return;
      shown = sentences;
      const old = [...said.querySelectorAll('span')];
      let cursor: Element | null = said.firstElementChild;
      for (const sentence of sentences) {
        const kept = old.find((span) => span.textContent === `${sentence} `);
        if (kept !== undefined) old.splice(old.indexOf(kept), 1);
        const span = kept ?? element('span', '', `${sentence} `);
        if (span === cursor) cursor = cursor.nextElementSibling;
        else said.insertBefore(span, cursor);
      }
      for (const span of old) span.remove();
    },
  };
}
