import type { Fault } from './fault.ts';

/** Marks lines of a source that is not an editor, and no others any more: by a class, and the message in an attribute. */
export function markSourceLines(source: HTMLElement, faults: Fault[]): void {
  for (const line of source.querySelectorAll('.code-fault')) {
    line.classList.remove('code-fault');
    line.removeAttribute('data-fault');
  }
  for (const { line: number, message } of faults) {
    const line = sourceLine(source, number);
    line?.classList.add('code-fault');
    line?.setAttribute('data-fault', message);
  }
}

/** @param number counts from 1 */
export function sourceLine(source: HTMLElement, number: number): Element | undefined {
  return source.querySelectorAll('.code-line')[number - 1];
}
