import { copyText } from '../clipboard.ts';
import { element } from '../element.ts';
import type { Story } from './story.ts';

/** The commands that did what was switched, to read and to give on a machine of one's own. */
export function openCommandsView(panel: HTMLElement): { show(story: Story): void } {
  const empty = [...panel.childNodes];
  const text = element('pre', 'network-commands');
  const copy = element('button', 'lab-quiet', 'Copy');
  copy.type = 'button';
  copy.addEventListener('click', () => copyText(text.textContent).catch(console.error));
  let shown: Story['commands'] = [];

  return {
    show({ commands }) {
      if (commands === shown) return;
      shown = commands;
      if (commands.length === 0) return panel.replaceChildren(...empty);
      text.textContent = commands.map(({ host, line }) => `# on the ${host}\n${line}`).join('\n');
      panel.replaceChildren(copy, text);
    },
  };
}
