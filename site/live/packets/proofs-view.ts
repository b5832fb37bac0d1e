import type { Step } from '../../../protocol/packet/arithmetic.ts';
import type { Proof } from '../../../protocol/packet/proof.ts';
import { element } from '../element.ts';

/** Longer values are data: their beginning is enough. */
const MAX_DIGITS = 160;

/** Each calculation with its steps, and beside it what was on the wire. */
export function showProofs(proofs: Proof[]): HTMLElement[] {
  if (proofs.length === 0) return [];
  const compared = proofs.filter(({ agrees }) => agrees !== null);
  const agreeing = compared.filter(({ agrees }) => agrees).length;
  const all = agreeing === compared.length ? `All ${agreeing}` : `${agreeing} of ${compared.length}`;
  const summary = `${all} values that were on the wire match what follows from the keys.`;
  return [element('p', 'proof-summary', summary), ...proofs.map(showProof)];
}

function showProof({ title, rule, section, steps, onWire, agrees }: Proof): HTMLElement {
  const verdict = agrees === null ? 'was not on the wire' : agrees ? 'matches' : 'does not match';
  const mark = element('span', `proof-mark proof-${agrees === null ? 'unseen' : agrees ? 'right' : 'wrong'}`, verdict);
  const list = element('dl', 'proof-steps', ...steps.flatMap(showStep));
  if (onWire !== null) {
    list.append(element('dt', '', 'on the wire'), value(onWire.value, mark.cloneNode(true)));
    list.append(element('dt', ''), element('dd', 'packet-note', `${onWire.where}.`));
  }
  return element(
    'details',
    'proof',
    element('summary', '', element('span', '', title), mark),
    element('p', '', `${rule} `, element('span', 'packet-section', section)),
    list,
  );
}

function showStep(step: Step): HTMLElement[] {
  switch (step.kind) {
    case 'input':
      return [element('dt', '', step.name), value(step.value)];
    case 'concatenation':
      return [element('dt', '', step.name), value(step.value), element('dt', ''), note(step.of.join(', then '))];
    case 'digest':
      return [element('dt', '', step.operation), value(step.value)];
    case 'truncation':
      return [element('dt', '', `its bytes ${step.from} to ${step.to - 1}`), value(step.value)];
  }
}

function note(text: string): HTMLElement {
  return element('dd', 'packet-note', text);
}

function value(digits: string, ...more: Node[]): HTMLElement {
  const shown = digits.length > MAX_DIGITS ? `${digits.slice(0, MAX_DIGITS)}…` : digits;
  return element('dd', '', element('code', '', shown), ...more);
}
