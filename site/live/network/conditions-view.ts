import { type Condition, STRIPPED_FROM } from '../../../protocol/condition.ts';
import type { Conditions, LinkConditions } from '../../../protocol/conditions.ts';
import { element } from '../element.ts';
import type { Story } from './story.ts';

/** Every condition with its value: rates, delays, losses, what the router does, and the limits of both path managers. */
export function openConditionsView(panel: HTMLElement, change: (condition: Condition) => void) {
  const empty = [...panel.childNodes];
  let shown: Conditions | null = null;

  return {
    show({ conditions, topology }: Story) {
      if (conditions === shown) return;
      shown = conditions;
      if (conditions === null) return panel.replaceChildren(...empty);
      // Who is typing keeps the field: the next news comes with the answer to it.
      const focused = document.activeElement instanceof HTMLElement && panel.contains(document.activeElement);
      const name = focused ? (document.activeElement?.getAttribute('aria-label') ?? '') : '';
      const links = conditions.links.filter(({ link }) => link !== 'lan');
      const titleOf = (link: string) => topology.links.find((known) => known.name === link)?.title ?? link;
      panel.replaceChildren(
        element(
          'div',
          'network-conditions',
          ...links.map((link) => linkFields(link, titleOf(link.link), conditions, change)),
          routerFields(conditions, change),
          ...limitFields(conditions, change),
          endpointFields(conditions, change),
          ...Object.values(conditions.unavailable).map((reason) => element('p', '', reason)),
        ),
      );
      if (name !== '') panel.querySelector<HTMLElement>(`[aria-label="${CSS.escape(name)}"]`)?.focus();
    },
  };
}

type Change = (condition: Condition) => void;

function linkFields(
  { link, rateKbit, delayMs, lossPercent }: LinkConditions,
  title: string,
  { unavailable }: Conditions,
  change: Change,
): HTMLElement {
  return group(
    title,
    number(`${title} rate`, 'Mbit/s', rateKbit === null ? null : rateKbit / 1000, (value) =>
      change({ kind: 'link-rate', link, rateKbit: value === null ? null : Math.round(value * 1000) }),
    ),
    number(
      `${title} delay`,
      'ms',
      delayMs,
      (value) => change({ kind: 'link-delay', link, delayMs: value === 0 ? null : value }),
      unavailable['link-delay'] !== undefined,
    ),
    number(
      `${title} loss`,
      '%',
      lossPercent,
      (value) => change({ kind: 'link-loss', link, lossPercent: value ?? 0 }),
      unavailable['link-loss'] !== undefined,
    ),
  );
}

const STRIPPED_WORDS = { syn: 'from SYN', 'syn-ack': 'from SYN+ACK', data: 'from data', all: 'from all packets' } as const;

function routerFields({ stripped, synDropped, unavailable }: Conditions, change: Change): HTMLElement {
  const select = element('select', '');
  select.setAttribute('aria-label', 'Router strips options');
  select.append(new Option('nothing', ''), ...STRIPPED_FROM.map((from) => new Option(STRIPPED_WORDS[from], from)));
  select.value = stripped ?? '';
  select.disabled = unavailable['options-stripped'] !== undefined;
  select.addEventListener('change', () => {
    change({ kind: 'options-stripped', from: STRIPPED_FROM.find((from) => from === select.value) ?? null });
  });
  return group(
    'Router',
    element('label', '', 'strips options ', select),
    checkbox('Router drops SYN with MP_CAPABLE', 'drops SYN with MP_CAPABLE', synDropped, (dropped) =>
      change({ kind: 'syn-dropped', dropped }),
    ),
  );
}

function limitFields({ limits }: Conditions, change: Change): HTMLElement[] {
  return limits.map(({ host, subflows, addAddrAccepted }) =>
    group(
      `Limits, ${host}`,
      number(`Extra subflows of the ${host}`, 'extra subflows', subflows, (value) =>
        change({ kind: 'limits', host, subflows: value ?? 0, addAddrAccepted }),
      ),
      number(`Addresses that the ${host} accepts`, 'addresses accepted', addAddrAccepted, (value) =>
        change({ kind: 'limits', host, subflows, addAddrAccepted: value ?? 0 }),
      ),
    ),
  );
}

function endpointFields({ endpoints }: Conditions, change: Change): HTMLElement {
  const rows = endpoints.map(({ host, id, address, flags }) => {
    const backup = checkbox(`Endpoint ${address} is a backup`, 'backup', flags.includes('backup'), (isBackup) => {
      if (id !== null) change({ kind: 'endpoint-change', host, id, backup: isBackup });
    });
    const remove = element('button', 'lab-quiet', 'Remove');
    remove.type = 'button';
    remove.setAttribute('aria-label', `Remove the endpoint ${address}`);
    remove.addEventListener('click', () => id !== null && change({ kind: 'endpoint-remove', host, id }));
    return group(`Endpoint`, element('span', '', `${host} ${address}, ${flags.join(' ')}`), backup, remove);
  });
  const announce = element('button', 'lab-quiet', 'Announce 10.0.9.2');
  announce.type = 'button';
  announce.addEventListener('click', () =>
    change({ kind: 'endpoint-add', host: 'server', address: '10.0.9.2', port: null, flags: ['signal'] }),
  );
  const isAnnounced = endpoints.some(({ address }) => address === '10.0.9.2');
  return element('div', 'network-endpoints', ...rows, ...(isAnnounced ? [] : [announce]));
}

function group(title: string, ...fields: HTMLElement[]): HTMLElement {
  return element('fieldset', '', element('legend', '', title), ...fields);
}

function number(
  label: string,
  unit: string,
  value: number | null,
  changed: (value: number | null) => void,
  disabled = false,
): HTMLElement {
  const input = element('input', '');
  input.type = 'number';
  input.min = '0';
  input.step = 'any';
  input.value = value === null ? '' : String(value);
  input.disabled = disabled;
  input.setAttribute('aria-label', label);
  input.addEventListener('change', () => changed(input.value === '' ? null : input.valueAsNumber));
  return element('label', '', input, unit);
}

function checkbox(label: string, text: string, isOn: boolean, changed: (isOn: boolean) => void): HTMLElement {
  const input = element('input', '');
  input.type = 'checkbox';
  input.checked = isOn;
  input.setAttribute('aria-label', label);
  input.addEventListener('change', () => changed(input.checked));
  return element('label', '', input, text);
}
