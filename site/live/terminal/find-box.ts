import type { SearchAddon } from '@xterm/addon-search';
import type { Terminal } from '@xterm/xterm';
import { element } from '../element.ts';

/** A small box over the terminal that finds text in it: Enter and Shift+Enter go on and back, Escape closes. */
export function openFindBox(terminal: Terminal, search: SearchAddon, pane: HTMLElement): void {
  const open = pane.querySelector<HTMLElement>('.lab-find input');
  if (open !== null) return open.focus();
  const input = element('input', '');
  input.type = 'search';
  input.setAttribute('aria-label', 'Find in the terminal');
  const result = element('span', 'lab-find-result');
  result.setAttribute('role', 'status');
  const button = (label: string, sign: string, pressed: () => void) => {
    const made = element('button', '', sign);
    made.type = 'button';
    made.setAttribute('aria-label', label);
    made.addEventListener('click', pressed);
    return made;
  };
  const tell = (found: boolean) => {
    result.textContent = found || input.value === '' ? '' : 'not found';
  };
  const next = () => tell(search.findNext(input.value));
  const previous = () => tell(search.findPrevious(input.value));
  const close = () => {
    box.remove();
    terminal.focus();
  };
  const box = element(
    'div',
    'lab-find',
    input,
    result,
    button('Previous match', '↑', previous),
    button('Next match', '↓', next),
    button('Close', '×', close),
  );
  box.setAttribute('role', 'search');
  box.addEventListener('keydown', (event) => {
    if (event.key === 'Escape') close();
    else if (event.key === 'Enter' && event.target === input && !event.ctrlKey) event.shiftKey ? previous() : next();
    else return;
    event.preventDefault();
  });
  input.addEventListener('input', () => tell(search.findNext(input.value, { incremental: true })));
  pane.append(box);
  input.focus();
}
