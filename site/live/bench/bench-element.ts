import type { Action } from '../../../protocol/lesson/lesson.ts';
import type { FromRunner } from '../../../protocol/message.ts';
import { part } from '../part.ts';
import type { LabBench } from './lab-bench.ts';

/** Each event of the runner, for whoever on the page follows what happens in the lab: the steps of a lesson. */
export class LabEvent extends Event {
  static readonly type = 'mptcp-lab-event';
  readonly event: FromRunner;
  constructor(event: FromRunner) {
    super(LabEvent.type);
    this.event = event;
  }
}

/** The lab is as its lesson wants it. */
export const LAB_PREPARED = 'mptcp-lab-prepared';

/** `<mptcp-bench>`: all that a page loads of it at first. Terminals, session and charts come with its first use. */
export class BenchElement extends HTMLElement {
  #living: AbortController | null = null;
  #bench: Promise<LabBench> | null = null;
  /** Done in a fresh lab before anybody works in it. */
  setup: Action[] = [];

  connectedCallback(): void {
    const living = new AbortController();
    const { signal } = living;
    this.#living = living;
    this.#button('open').addEventListener('click', () => void this.open(), { signal });
    this.#button('fresh').addEventListener('click', () => this.#with((bench) => bench.fresh()), { signal });
    // The network comes to life with the first touch, and hears of it.
    for (const button of this.querySelectorAll<HTMLElement>('.lab-network button')) {
      button.addEventListener(
        'click',
        () => {
          if (this.#bench === null) void this.open().then(() => button.click());
        },
        { signal },
      );
    }
    window.addEventListener('pagehide', this.#leave, { signal });
  }

  disconnectedCallback(): void {
    this.#living?.abort();
    this.#leave();
  }

  /** Takes a lab and opens its shells, unless that is done. */
  async open(): Promise<void> {
    await this.#with((bench) => bench.open());
  }

  /** Does what a learner would do, in the terminals of the lab. */
  async play(actions: Action[]): Promise<void> {
    await this.#with((bench) => bench.play(actions));
  }

  /** Opens a shell in each terminal that came into sight, where the lab is open. */
  async openMore(): Promise<void> {
    if (this.#bench !== null) await this.#with((bench) => bench.openMore());
  }

  async #with(act: (bench: LabBench) => Promise<void>): Promise<void> {
    this.#say('');
    this.#bench ??= this.#load();
    try {
      await act(await this.#bench);
    } catch (error) {
      console.error(error);
      this.#say(error instanceof Error ? error.message : 'The lab could not be opened. Reload the page, and try again.');
    }
  }

  async #load(): Promise<LabBench> {
    const { openLabBench } = await import('./lab-bench.ts');
    return openLabBench(this, {
      base: this.dataset['base'] ?? '/',
      snippets: () => (this.dataset['snippets'] ?? '').split(' ').filter((id) => id !== ''),
      setup: () => this.setup,
      say: this.#say,
      isOpen: (open) => {
        this.#button('open').hidden = open;
        this.#button('fresh').hidden = !open;
      },
      heard: (event) => this.dispatchEvent(new LabEvent(event)),
      prepared: () => this.dispatchEvent(new Event(LAB_PREPARED)),
    });
  }

  #leave = (): void => {
    this.#bench?.then((bench) => bench.dispose()).catch(() => {});
    this.#bench = null;
  };

  /** One sentence to the visitor, read out by a screen reader as well; an empty one takes the last away. */
  #say = (...sentence: (string | Node)[]): void => {
    part(this, '.lab-notice', HTMLElement).replaceChildren(...sentence.filter((piece) => piece !== ''));
  };

  #button(action: string): HTMLButtonElement {
    return part(this, `[data-action=${action}]`, HTMLButtonElement);
  }
}
