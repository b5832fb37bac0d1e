import { copyText } from './clipboard.ts';
import { part } from './part.ts';
import type { LabRun } from './run/lab-run.ts';
import { openSourcePanel, type SourcePanel } from './source-panel.ts';
import { activateTabs } from './tabs.ts';

const DONE_SHOWN_MS = 1500;

/** For who waits on a loading that `#run` already reports. */
const ignore = () => {};

/**
 * `<mptcp-lab>`: brings the server-rendered lab to life. It is all that a page loads at first; the editor comes when
 * somebody wants to edit, terminals and session come with Run.
 */
export class LabElement extends HTMLElement {
  #living: AbortController | null = null;
  #panels: SourcePanel[] = [];
  #shown = 0;
  #select: (index: number) => void = ignore;
  #labRun: Promise<LabRun> | null = null;

  connectedCallback(): void {
    const living = new AbortController();
    const { signal } = living;
    this.#living = living;

    const panels = [...this.querySelectorAll<HTMLElement>('.lab-files [role=tabpanel]')];
    const tabs = [...this.querySelectorAll<HTMLElement>('.lab-tabs [role=tab]')];
    this.#panels = panels.map((panel, index) => {
      const settings = {
        language: panel.dataset['language'] ?? '',
        mark: this.dataset['mark'] ?? '',
        describedBy: part(this, '.lab-hint[id]', HTMLElement).id,
        changed: () => tabs[index]?.classList.toggle('lab-tab-edited', this.#panels[index]?.isEdited() ?? false),
        failed: () => this.#say('The editor could not be loaded. Reload the page, and try again.'),
      };
      return openSourcePanel(panel, settings, signal);
    });
    const show = (shown: number) => {
      this.#shown = shown;
      for (const [index, panel] of panels.entries()) panel.classList.toggle('lab-file-shown', index === shown);
    };
    this.#select = activateTabs(part(this, '[role=tablist]', HTMLElement), show, signal);

    const actions = {
      run: this.#run,
      play: this.#play,
      stop: this.#stop,
      reset: this.#reset,
      copy: this.#copy,
      edit: this.#edit,
    };
    for (const [name, action] of Object.entries(actions)) {
      this.#button(name).addEventListener('click', () => action(), { signal });
    }
    for (const button of this.querySelectorAll<HTMLElement>('.lab-experiments button')) {
      button.addEventListener('click', () => this.#experiment(button.dataset), { signal });
    }
    // The network comes to life with the first touch, and hears of it.
    for (const button of this.querySelectorAll<HTMLElement>('.lab-network button')) {
      button.addEventListener(
        'click',
        () => {
          if (this.#labRun === null) this.#inLab(async () => button.click());
        },
        { signal },
      );
    }
    const time = part(this, '.player-time', HTMLInputElement);
    time.addEventListener('input', () => this.#withLabRun((labRun) => labRun.seek(time.valueAsNumber)), { signal });
    const server = this.#server();
    if (server !== null) server.hidden = false;
    // In the capture phase: neither the editor nor a terminal is to have this key.
    this.addEventListener('keydown', this.#onKey, { signal, capture: true });
    // A page that is left keeps nothing running, even where the browser keeps the page for a way back.
    window.addEventListener('pagehide', this.#leave, { signal });
  }

  disconnectedCallback(): void {
    this.#living?.abort();
    this.#leave();
    for (const panel of this.#panels) panel.dispose();
    this.#panels = [];
  }

  #onKey = (event: KeyboardEvent): void => {
    if (event.key !== 'Enter' || !(event.ctrlKey || event.metaKey) || event.repeat) return;
    event.preventDefault();
    event.stopPropagation();
    this.#run();
  };

  #run = (): void =>
    this.#inLab((labRun) =>
      labRun.start(
        this.#panels.filter((panel) => panel.isEdited()),
        this.#server()?.value ?? this.#snippet(),
      ),
    );

  #play = (): void => this.#inLab((labRun) => labRun.toggle());

  #inLab(act: (labRun: LabRun) => Promise<void>): void {
    this.#say('');
    this.#withLabRun(act);
  }

  #withLabRun(act: (labRun: LabRun) => Promise<void>): void {
    this.#labRun ??= this.#openLabRun();
    this.#labRun.then(act).catch((error: unknown) => {
      this.#labRun = null;
      console.error(error);
      this.#say('The terminals could not be loaded. Reload the page, and try again.');
    });
  }

  /** The recording of the files as they are: unchanged, or with one experiment in them. */
  #recording = (): string | null => {
    if ((this.#server()?.value ?? this.#snippet()) !== this.#snippet()) return null;
    const [edited, ...others] = this.#panels.filter((panel) => panel.isEdited());
    if (edited === undefined) return this.dataset['recording'] ?? null;
    const buttons = [...this.querySelectorAll<HTMLElement>('.lab-experiments button')];
    const experiment = buttons.find(({ dataset }) => dataset['file'] === edited.file && dataset['text'] === edited.text());
    return others.length === 0 ? (experiment?.dataset['recording'] ?? null) : null;
  };

  async #openLabRun(): Promise<LabRun> {
    const { openLabRun } = await import('./run/lab-run.ts');
    return openLabRun(this, {
      snippet: this.#snippet(),
      base: this.dataset['base'] ?? '/',
      recording: this.#recording,
      say: this.#say,
      busy: (isBusy) => {
        this.#button('stop').disabled = !isBusy;
      },
      connection: this.#connection,
      panels: this.#panels,
      show: this.#select,
    });
  }

  #stop = (): void => {
    // Stop becomes disabled in a moment; the focus must not fall off the page with it.
    if (this.#button('stop') === document.activeElement) this.#button('run').focus();
    this.#labRun?.then((labRun) => labRun.stop(), ignore);
  };

  #reset = (): void => {
    for (const panel of this.#panels) panel.reset();
    this.#takeOwnServer();
    this.#say('');
    this.#leave();
  };

  #leave = (): void => {
    this.#labRun?.then((labRun) => labRun.dispose(), ignore);
    this.#labRun = null;
  };

  #copy = (): void => {
    const button = this.#button('copy');
    copyText(this.#panels[this.#shown]?.text() ?? '').then((copied) => {
      if (!copied) return this.#say('The browser keeps its clipboard closed to this page. Select the text, and press Ctrl+C.');
      button.classList.add('lab-done');
      this.#tell(`${this.#panels[this.#shown]?.file} is copied.`);
      setTimeout(() => button.classList.remove('lab-done'), DONE_SHOWN_MS);
    }, console.error);
  };

  /** Makes one change to the files as they came, shows it, and leaves it to the visitor to run it. */
  #experiment({ file, text }: DOMStringMap): void {
    // The change may be in this page's server, so that one is to run.
    this.#takeOwnServer();
    this.#labRun?.then((labRun) => labRun.forgetFaults(), ignore);
    for (const [index, panel] of this.#panels.entries()) {
      if (panel.file !== file) panel.reset();
      else {
        this.#select(index);
        panel.setText(text ?? '');
      }
    }
    this.#tell(`${file} is changed.`);
    part(this, '.lab-bar', HTMLElement).scrollIntoView({ block: 'nearest' });
    this.#button('run').focus({ preventScroll: true });
  }

  /** Whose server the client speaks with; there is no choice for a program that speaks with its own. */
  #server(): HTMLSelectElement | null {
    return this.querySelector<HTMLSelectElement>('.lab-other');
  }

  #takeOwnServer(): void {
    const server = this.#server();
    if (server !== null) server.value = this.#snippet();
  }

  #snippet(): string {
    return this.dataset['snippet'] ?? '';
  }

  #edit = (): void => this.#panels[this.#shown]?.edit();

  /** One sentence to the visitor, read out by a screen reader as well; an empty one takes the last away. */
  #say = (...sentence: (string | Node)[]): void => {
    part(this, '.lab-notice', HTMLElement).replaceChildren(...sentence.filter((piece) => piece !== ''));
  };

  /** A quiet line, for as long as the connection is lost. */
  #connection = (state: 'lost' | 'there again' | 'over'): void => {
    part(this, '.lab-away', HTMLElement).textContent = state === 'lost' ? 'Connection lost. Trying again…' : '';
    if (state === 'there again') this.#tell('The connection is there again.');
  };

  /** What can be seen anyway, for a screen reader. */
  #tell(sentence: string): void {
    part(this, '.lab-said', HTMLElement).textContent = sentence;
  }

  #button(action: string): HTMLButtonElement {
    return part(this, `[data-action=${action}]`, HTMLButtonElement);
  }
}
