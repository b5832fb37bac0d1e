import { element } from '../element.ts';

/**
 * Lines that fold out, known by a key: what the visitor has opened stays open, and who stands on one with the keyboard stays
 * there, while all of it is told anew.
 */
export type Foldouts = {
  /** The line with this key. What it unfolds to is made when it is open. */
  line(key: string, summary: (Node | string)[], unfold: () => Node[]): HTMLElement;
  /** A part with this key, its head and what belongs to it, among that lines. */
  part(key: string, head: (Node | string)[], content: HTMLElement[]): HTMLElement;
  /** Forgets lines that were not asked for since the last call. */
  sweep(): void;
};

type Kept = { details: HTMLDetailsElement; summary: HTMLElement; unfold: () => Node[] };

export function foldouts(): Foldouts {
  const kept = new Map<string, Kept>();
  const parts = new Map<string, HTMLElement>();
  let used = new Set<string>();

  const make = (): Kept => {
    const summary = element('summary', '');
    const body = element('div', 'tool-unfolded');
    const made: Kept = { details: element('details', 'tool-line', summary, body), summary, unfold: () => [] };
    made.details.addEventListener('toggle', () => body.replaceChildren(...(made.details.open ? made.unfold() : [])));
    return made;
  };

  return {
    line(key, summary, unfold) {
      const line = kept.get(key) ?? make();
      kept.set(key, line);
      used.add(key);
      line.summary.replaceChildren(...summary);
      line.unfold = unfold;
      if (line.details.open) line.details.lastElementChild?.replaceChildren(...unfold());
      return line.details;
    },
    part(key, head, content) {
      const part = parts.get(key) ?? element('div', 'tool-part');
      parts.set(key, part);
      place(part, [element('p', 'tool-head', ...head), ...content]);
      return part;
    },
    sweep() {
      for (const key of kept.keys()) if (!used.has(key)) kept.delete(key);
      used = new Set();
    },
  };
}

/** Puts these children in, and leaves those alone that stand there already: a focused one that is moved loses the focus. */
export function place(parent: HTMLElement, children: HTMLElement[]): void {
  const staying = new Set<Element>(children);
  for (const child of [...parent.children]) if (!staying.has(child)) child.remove();
  for (const [index, child] of children.entries()) {
    if (parent.children[index] !== child) parent.insertBefore(child, parent.children[index] ?? null);
  }
}
