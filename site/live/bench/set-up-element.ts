import type { Condition } from '../../../protocol/condition.ts';
import type { Conditions } from '../../../protocol/conditions.ts';
import type { TerminalName } from '../../../protocol/lesson/lesson.ts';
import type { RunHost } from '../../../protocol/manifest.ts';
import { copyText } from '../clipboard.ts';
import { part } from '../part.ts';
import { BenchElement, LabEvent } from './bench-element.ts';
import { addressOf, changesOf, conditionsOfNetwork, NETWORKS, readSetUp } from './set-up.ts';

type Program = { id: string; title: string; commands: Record<RunHost, string> };

/** `<mptcp-set-up>`: what somebody chooses for a lab of their own, and the address that brings it back. */
export class SetUpElement extends HTMLElement {
  #living: AbortController | null = null;
  #programs: Program[] = [];
  #chosen: string[] = [];
  #conditions: Condition[] = [];
  /** Those whose sources are in the present lab; null while there is none. */
  #present: string[] | null = null;
  /** As its topology leaves it, and known once there is a lab. */
  #fresh: Conditions | null = null;

  connectedCallback(): void {
    const living = new AbortController();
    const { signal } = living;
    this.#living = living;
    this.#programs = JSON.parse(part(this, 'script[type="application/json"]', HTMLScriptElement).text);
    this.#chosen = (this.#bench.dataset['snippets'] ?? '').split(' ');
    const known = { terminals: this.#boxes.map(nameOf), programs: this.#programs.map(({ id }) => id) };
    const asked = readSetUp(new URLSearchParams(location.search), known);
    if (asked.terminals !== undefined && asked.terminals.length > 0) {
      for (const box of this.#boxes) box.checked = asked.terminals.includes(nameOf(box));
    }
    if (asked.programs !== undefined) this.#chosen = asked.programs;
    this.#conditions = asked.conditions ?? [];

    const form = part(this, 'form', HTMLFormElement);
    form.hidden = false;
    form.addEventListener('submit', (event) => event.preventDefault(), { signal });
    for (const box of this.#boxes) box.addEventListener('change', () => this.#changed(), { signal });
    const network = part(this, 'select[name=network]', HTMLSelectElement);
    network.addEventListener('change', () => this.#choose(network), { signal });
    const select = part(this, 'select[name=program]', HTMLSelectElement);
    select.addEventListener(
      'change',
      () => {
        if (select.value !== '' && !this.#chosen.includes(select.value)) this.#chosen.push(select.value);
        select.value = '';
        this.#changed();
      },
      { signal },
    );
    part(this, '[data-action=share]', HTMLButtonElement).addEventListener('click', (event) => this.#share(event), { signal });
    this.#bench.addEventListener(
      LabEvent.type,
      (heard) => {
        if (heard instanceof LabEvent) this.#hear(heard);
      },
      { signal },
    );
    this.#show();
  }

  disconnectedCallback(): void {
    this.#living?.abort();
  }

  #hear({ event }: LabEvent): void {
    if (event.type === 'lab-closed') this.#present = null;
    if (event.type === 'lab-opened') {
      this.#fresh = null;
      this.#present = [...this.#chosen];
    }
    if (event.type === 'lab-opened' || event.type === 'lab-closed') this.#show();
    if (event.type !== 'conditions') return;
    this.#fresh ??= event.conditions;
    // What the address asks for is on its way.
    if (event.request === null && changesOf(this.#fresh, event.conditions).length === 0) return;
    this.#conditions = changesOf(this.#fresh, event.conditions);
    this.#keep();
  }

  #changed(): void {
    this.#show();
    this.#keep();
    void this.#bench.openMore();
  }

  #show(): void {
    for (const place of this.#bench.querySelectorAll<HTMLElement>('.lab-terminal')) {
      place.hidden = !this.#terminals.some((name) => name === place.dataset['terminal']);
    }
    this.#bench.dataset['snippets'] = this.#chosen.join(' ');
    this.#bench.setup = this.#conditions.map((change) => ({ change }));
    part(this, '.set-up-programs', HTMLUListElement).replaceChildren(
      ...this.#programs.filter(({ id }) => this.#chosen.includes(id)).map(this.#item),
    );
  }

  #item = ({ id, title, commands }: Program): HTMLLIElement => {
    const item = document.createElement('li');
    const name = document.createElement('span');
    name.textContent = title;
    const starts = (['server', 'client'] as const).map((host) =>
      button(`Start ${host}`, `Start the ${host} in ${title}: ${commands[host]}`, () => this.#start(host, commands[host])),
    );
    const isThere = this.#present === null || this.#present.includes(id);
    for (const start of starts) start.disabled = !isThere;
    if (!isThere) name.append(' (in a fresh lab)');
    const away = button('×', `Leave ${title} out`, () => {
      this.#chosen = this.#chosen.filter((other) => other !== id);
      this.#changed();
    });
    item.append(name, ...starts, away);
    return item;
  };

  /** In the first terminal of the host, as if it was typed. */
  #start(host: RunHost, command: string): void {
    const box = this.#boxes.find((candidate) => nameOf(candidate) === host);
    if (box !== undefined && !box.checked) {
      box.checked = true;
      this.#changed();
    }
    void this.#bench.play([{ on: host, type: command, until: '' }]);
  }

  /** In the lab that is open, or in the next one. */
  #choose(select: HTMLSelectElement): void {
    const network = NETWORKS.find(({ title }) => title === select.value);
    select.value = '';
    if (network === undefined) return;
    const changes = conditionsOfNetwork(network);
    if (this.#present !== null) return void this.#bench.play(changes.map((change) => ({ change })));
    this.#conditions = changes;
    this.#keep();
  }

  #keep(): void {
    history.replaceState(null, '', this.#address);
    this.#bench.setup = this.#conditions.map((change) => ({ change }));
  }

  #share(event: Event): void {
    const target = event.currentTarget;
    void copyText(new URL(this.#address, location.href).href).then((copied) => {
      if (target instanceof HTMLButtonElement) target.textContent = copied ? 'Copied' : 'It is in the address bar';
    });
    this.#keep();
  }

  get #address(): string {
    return `?${addressOf({ terminals: this.#terminals, programs: this.#chosen, conditions: this.#conditions })}`;
  }

  get #boxes(): HTMLInputElement[] {
    return [...this.querySelectorAll<HTMLInputElement>('input[name=terminal]')];
  }

  get #terminals(): TerminalName[] {
    return this.#boxes.filter(({ checked }) => checked).map(nameOf);
  }

  get #bench(): BenchElement {
    return part(this, 'mptcp-bench', BenchElement);
  }
}

const NAMES = ['client', 'client 2', 'router', 'router 2', 'server', 'server 2'] as const satisfies TerminalName[];

function nameOf({ value }: HTMLInputElement): TerminalName {
  const found = NAMES.find((name) => name === value);
  if (found === undefined) throw new Error(`Expected the name of a terminal, found "${value}"`);
  return found;
}

function button(text: string, label: string, click: () => void): HTMLButtonElement {
  const made = document.createElement('button');
  made.type = 'button';
  made.className = 'lab-quiet';
  made.textContent = text;
  made.setAttribute('aria-label', label);
  made.title = label;
  made.addEventListener('click', click);
  return made;
}
