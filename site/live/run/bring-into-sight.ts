import { part } from '../part.ts';

/** Run is often pressed above or below of what it does: terminals below the code on a phone, the verdict elsewhere. */
export function bringIntoSight(lab: HTMLElement): void {
  const terminals = part(lab, '.lab-terminals', HTMLElement);
  const areBelow = terminals.getBoundingClientRect().top >= part(lab, '.lab-files', HTMLElement).getBoundingClientRect().bottom;
  const behavior = matchMedia('(prefers-reduced-motion: reduce)').matches ? 'instant' : 'smooth';
  if (areBelow) terminals.scrollIntoView({ block: 'start', behavior });
  else part(lab, '.lab-verdict', HTMLElement).scrollIntoView({ block: 'nearest', behavior });
}
