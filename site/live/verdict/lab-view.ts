import { element } from '../element.ts';

/** How long that is, the runner says when it is over. */
const YOURS = 'The lab is yours alone. It is given back when you have not used it for some time, and Run takes a new one.';

/** How the lab was made, as text to read and to give again on a machine of one's own. */
export function labFacts({ netem, commands }: { netem: boolean; commands: string }): HTMLElement {
  const delays = netem
    ? 'Links have their rate and their delay.'
    : 'Links have their rate. This kernel has no netem, so no delay is added.';
  const text = element('pre', 'lab-commands', commands);
  text.tabIndex = 0;
  text.setAttribute('role', 'region');
  text.setAttribute('aria-label', 'Commands that made the lab');
  return element(
    'details',
    'evidence',
    element('summary', '', 'How this lab was made'),
    element('p', '', `${delays} ${YOURS}`),
    text,
  );
}
