import type { Evidence } from '../../../protocol/evidence.ts';
import type { EvidenceLine } from '../../../protocol/evidence-line.ts';
import type { LinkShare, Verdict } from '../../../protocol/verdict.ts';
import { element } from '../element.ts';
import { part } from '../part.ts';
import { becauseView } from './because-view.ts';
import { connectionView } from './connection-view.ts';
import { evidenceFacts } from './evidence-view.ts';
import { labFacts } from './lab-view.ts';
import { formatBytes } from './quantity.ts';

/** The bar below the terminals. It shows the runner's verdict, word for word; nothing is concluded here. */
export type VerdictView = {
  /** What follows was recorded, as these words say; null for what happens now. */
  source(recording: string | null): void;
  /** A plain sentence while there is no verdict. */
  hint(sentence: string): void;
  /** `isFinal` is false while the client program still runs. */
  show(verdict: Verdict, isFinal: boolean): void;
  /** Where it happened. */
  inLab(lab: { netem: boolean; commands: string }): void;
  /** What the verdict rests on. */
  because(evidence: Evidence): void;
  /** As the page came. */
  clear(): void;
};

export function openVerdictView(bar: HTMLElement): VerdictView {
  const words = part(bar, '.lab-verdict-words', HTMLElement);
  const facts = part(bar, '.lab-verdict-facts', HTMLElement);
  const original = { words: [...words.childNodes].map((node) => node.cloneNode(true)), kind: bar.dataset['kind'] };
  let recording: string | null = null;
  // Kept while a program runs: who reads the evidence must not lose the place at each news.
  const links = element('div', 'link-facts');
  const reasons = element('div', 'evidence-reasons');
  const place = element('div', 'evidence-reasons');
  const argument = element('div', 'evidence-reasons');
  const counted = element('details', 'evidence', element('summary', '', 'All that the kernels counted'), reasons);
  const why = element('details', 'evidence', element('summary', '', 'Why this verdict'), argument, counted, place);

  /** A live region that changes is read out: it is left alone where it would stay the same. */
  const say = (...content: HTMLElement[]) => {
    const next = element('div', words.className);
    for (const { name, value } of words.attributes) next.setAttribute(name, value);
    next.append(...(recording === null ? [] : [element('small', '', recording)]), ...content);
    if (!next.isEqualNode(words)) words.replaceChildren(...next.childNodes);
  };
  /** Told ten times a second while a program runs: who is about to copy a line must not lose it. */
  const showBecause = (lines: EvidenceLine[]) => {
    const next = becauseView(lines);
    const [shown] = argument.children;
    if (shown === undefined || shown.textContent !== next.textContent) argument.replaceChildren(next);
  };
  const hint = (sentence: string) => {
    delete bar.dataset['kind'];
    say(element('p', '', sentence));
    facts.replaceChildren();
    reasons.replaceChildren();
    argument.replaceChildren();
  };
  return {
    source(description) {
      recording = description;
    },
    hint,
    show(verdict, isFinal) {
      bar.dataset['kind'] = verdict.kind;
      say(...verdictWords(verdict, isFinal));
      links.replaceChildren(...linkFacts(verdict));
      showBecause(verdict.because);
      if (!facts.contains(why)) facts.replaceChildren(links, why);
    },
    inLab: (lab) => place.replaceChildren(labFacts(lab)),
    because(evidence) {
      reasons.replaceChildren(...evidenceFacts(evidence));
    },
    clear() {
      if (original.kind === undefined) delete bar.dataset['kind'];
      else bar.dataset['kind'] = original.kind;
      words.replaceChildren(...original.words.map((node) => node.cloneNode(true)));
      facts.replaceChildren();
      reasons.replaceChildren();
      argument.replaceChildren();
    },
  };
}

function verdictWords(verdict: Verdict, isFinal: boolean): HTMLElement[] {
  const headline = element('strong', '', verdict.headline);
  if (!isFinal) headline.append(element('span', 'lab-verdict-sofar', ' so far'));
  const sentences = [verdict.explanation, ...('remedy' in verdict ? [verdict.remedy] : [])].filter((text) => text !== '');
  return [headline, ...sentences.map((text) => element('p', '', text))];
}

function linkFacts(verdict: Verdict): HTMLElement[] {
  switch (verdict.kind) {
    case 'multipath':
      return [sharesView(verdict.bytes), ...verdict.connections.map(connectionView)];
    case 'fallback':
    case 'plain-tcp':
      return [sharesView(verdict.bytes)];
    case 'nothing':
      return [];
  }
}

/** How the bytes were shared out between the links, as a bar and in words. */
function sharesView(shares: LinkShare[]): HTMLElement {
  const bar = element('div', 'link-shares-bar');
  bar.setAttribute('aria-hidden', 'true');
  const list = element('ul', '');
  for (const { link, title, bytes, percent } of shares) {
    const segment = element('span', `link-${link}`);
    segment.style.width = `${percent}%`;
    bar.append(segment);
    list.append(element('li', `link-dot link-${link}`, `${title} ${percent} %, ${formatBytes(bytes)}`));
  }
  list.setAttribute('aria-label', 'Bytes by link');
  return element('div', 'link-shares', bar, list);
}
