import { copyText } from '../clipboard.ts';
import { part } from '../part.ts';
import { activateTabs } from '../tabs.ts';
import type { DeviceWatch } from './device-watch.ts';
import { exampleAddress } from './example-address.ts';

const DONE_SHOWN_MS = 1500;

/** `<device-lab>`: tabs and Copy for the code; what waits for a device is loaded when somebody wants to wait. */
class DeviceLabElement extends HTMLElement {
  #living: AbortController | null = null;
  #watch: Promise<DeviceWatch> | null = null;
  #shown = 0;

  connectedCallback(): void {
    const living = new AbortController();
    const { signal } = living;
    this.#living = living;
    const panels = [...this.querySelectorAll<HTMLElement>('[role=tabpanel]')];
    const show = (shown: number) => {
      this.#shown = shown;
      for (const [index, panel] of panels.entries()) panel.classList.toggle('lab-file-shown', index === shown);
    };
    activateTabs(part(this, '[role=tablist]', HTMLElement), show, signal);
    part(this, '[data-action=copy]', HTMLButtonElement).addEventListener('click', () => this.#copy(panels), { signal });
    const wait = part(this, '[data-action=wait]', HTMLButtonElement);
    wait.addEventListener('click', () => this.#toggle(wait), { signal });
    wait.hidden = false;
    // A page that is left watches no longer, even where the browser keeps the page for a way back.
    window.addEventListener('pagehide', () => this.#stop(wait), { signal });
  }

  disconnectedCallback(): void {
    this.#living?.abort();
    this.#stop(part(this, '[data-action=wait]', HTMLButtonElement));
  }

  #toggle(button: HTMLButtonElement): void {
    if (this.#watch !== null) return this.#stop(button);
    button.textContent = 'Stop waiting';
    const watching = this.#open(() => this.#stop(button));
    this.#watch = watching;
    watching.catch((error: unknown) => {
      console.error(error);
      this.#stop(button);
    });
  }

  async #open(over: () => void): Promise<DeviceWatch> {
    const [{ openDeviceWatch }, { openJoinBox }] = await Promise.all([
      import('./device-watch.ts'),
      import('../join/join-box.ts'),
    ]);
    const { base = '/', service = '', host = '', port = '' } = this.dataset;
    return openDeviceWatch({
      state: part(this, '.device-state', HTMLElement),
      sightings: part(this, '.device-sightings', HTMLElement),
      joinBox: openJoinBox(part(this, '.join-box', HTMLFormElement), base),
      address: exampleAddress(part(this, '[role=tabpanel] .code-source', HTMLElement), host, port),
      base,
      service,
      over,
    });
  }

  #stop(button: HTMLButtonElement): void {
    button.textContent = 'Wait for my device';
    const watching = this.#watch;
    this.#watch = null;
    watching?.then(
      (watch) => watch.close(),
      () => {},
    );
  }

  #copy(panels: HTMLElement[]): void {
    const panel = panels[this.#shown];
    const button = part(this, '[data-action=copy]', HTMLButtonElement);
    copyText(panel?.querySelector('pre')?.textContent ?? '').then((copied) => {
      part(this, '.lab-hint', HTMLElement).textContent = copied
        ? `${panel?.dataset['file']} is copied.`
        : 'The browser keeps its clipboard closed to this page.';
      if (!copied) return;
      button.classList.add('lab-done');
      setTimeout(() => button.classList.remove('lab-done'), DONE_SHOWN_MS);
    }, console.error);
  }
}

customElements.define('device-lab', DeviceLabElement);
