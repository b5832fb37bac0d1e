import { keepProgress, mergeProgress, type Progress, parseProgress, readProgress } from './lesson/lesson-progress.ts';
import { part } from './part.ts';

/** Of the whole course, a file has a few kilobytes. */
const MAX_FILE_BYTES = 100_000;

/** `<mptcp-progress>`: what this browser knows to be learned; takes it out as a file, and in again. */
class ProgressElement extends HTMLElement {
  #living: AbortController | null = null;

  connectedCallback(): void {
    const living = new AbortController();
    const { signal } = living;
    this.#living = living;
    const file = part(this, 'input[type=file]', HTMLInputElement);
    this.#button('export').addEventListener('click', () => this.#export(), { signal });
    this.#button('import').addEventListener('click', () => file.click(), { signal });
    file.addEventListener('change', () => void this.#import(file), { signal });
    part(this, '.progress-actions', HTMLElement).hidden = false;
    this.#show(readProgress(localStorage));
  }

  disconnectedCallback(): void {
    this.#living?.abort();
  }

  #show(progress: Progress): void {
    let done = 0;
    let all = 0;
    for (const lesson of this.querySelectorAll<HTMLElement>('[data-lesson]')) {
      const steps = (lesson.dataset['steps'] ?? '').split(' ');
      const days = progress[lesson.dataset['lesson'] ?? ''] ?? {};
      const known = steps.flatMap((step) => days[step] ?? []).sort();
      const last = known.at(-1);
      const isDone = known.length === steps.length;
      done += known.length;
      all += steps.length;
      lesson.toggleAttribute('data-done', isDone);
      part(lesson, '.progress-state', HTMLElement).textContent =
        last === undefined ? 'Not begun' : isDone ? `Done on ${last}` : `${known.length} of ${steps.length} steps`;
    }
    const meter = part(this, 'progress', HTMLProgressElement);
    meter.max = all;
    meter.value = done;
    part(this, '.progress-sum', HTMLElement).textContent = `${done} of ${all} steps are done.`;
    this.#button('export').disabled = done === 0;
  }

  #export(): void {
    const address = URL.createObjectURL(
      new Blob([`${JSON.stringify(readProgress(localStorage), null, 2)}\n`], { type: 'application/json' }),
    );
    const link = document.createElement('a');
    link.href = address;
    link.download = 'hello-mptcp-progress.json';
    link.click();
    URL.revokeObjectURL(address);
  }

  async #import(input: HTMLInputElement): Promise<void> {
    const [file] = input.files ?? [];
    if (file === undefined) return;
    try {
      if (file.size > MAX_FILE_BYTES) throw new Error(`Expected ${MAX_FILE_BYTES} bytes at most, found ${file.size}`);
      const merged = mergeProgress(readProgress(localStorage), parseProgress(await file.text()));
      const isKept = keepProgress(localStorage, merged);
      this.#show(merged);
      this.#say(isKept ? `${file.name} was added to what this browser knew.` : 'This browser keeps nothing for this page.');
    } catch (error) {
      const why = error instanceof SyntaxError ? 'It is not JSON.' : error instanceof Error ? `${error.message}.` : '';
      this.#say(`${file.name} is no such file. ${why}`);
    }
    // The same file can be chosen again.
    input.value = '';
  }

  #say(sentence: string): void {
    part(this, '.progress-notice', HTMLElement).textContent = sentence;
  }

  #button(action: string): HTMLButtonElement {
    return part(this, `[data-action=${action}]`, HTMLButtonElement);
  }
}

customElements.define('mptcp-progress', ProgressElement);
