import type { Action, Step } from '../../../protocol/lesson/lesson.ts';
import { BenchElement, LAB_PREPARED, LabEvent } from '../bench/bench-element.ts';
import { part } from '../part.ts';
import { beginAgain, COURSE_BEGINS, type Course, follow, type StepState, stateOf } from './lesson-course.ts';
import { keepStep } from './lesson-progress.ts';

const STEP_DONE = 'mptcp-step-done';
/** The kernel tells of a connection's end within a second or two. */
const STEP_TIMEOUT_MS = 10_000;

type Data = { steps: (Step & { says: string })[]; setup: Action[] };

/** `<mptcp-lesson>`: follows what happens in the lab beside the text, and says how each step stands. */
export class LessonElement extends HTMLElement {
  #living: AbortController | null = null;
  #course: Course = COURSE_BEGINS;
  #data: Data = { steps: [], setup: [] };
  #isPlaying = false;
  #isPrepared = false;
  /** When the lab is set up for the present step. */
  #begun: Promise<void> = Promise.resolve();

  connectedCallback(): void {
    const living = new AbortController();
    const { signal } = living;
    this.#living = living;
    this.#data = JSON.parse(part(this, 'script[type="application/json"]', HTMLScriptElement).text);
    const bench = part(this, 'mptcp-bench', BenchElement);
    bench.setup = [...this.#data.setup];
    bench.addEventListener(
      LabEvent.type,
      (heard) => {
        if (heard instanceof LabEvent) this.#hear(heard, bench);
      },
      { signal },
    );
    bench.addEventListener(LAB_PREPARED, () => this.#begin(bench), { signal });
    for (const [index, step] of this.#data.steps.entries()) {
      const button = part(this.#place(step.id), '[data-action=show]', HTMLButtonElement);
      button.hidden = false;
      button.addEventListener('click', () => void this.#play(bench, index), { signal });
    }
    this.#show();
  }

  disconnectedCallback(): void {
    this.#living?.abort();
  }

  /** Sets the lab up for the present step: what happens from then on is the learner's. */
  #begin(bench: BenchElement): void {
    this.#isPrepared = false;
    this.#show();
    const { setup = [] } = this.#data.steps[this.#course.at] ?? {};
    this.#begun = bench.play(setup).then(() => {
      this.#course = beginAgain(this.#course);
      this.#isPrepared = true;
      this.#show();
    });
  }

  #hear({ event }: LabEvent, bench: BenchElement): void {
    if (event.type === 'lab-opened') {
      this.#course = COURSE_BEGINS;
      this.#isPrepared = false;
    }
    const before = this.#course.at;
    const followed = follow(this.#course, this.#isPrepared ? this.#data.steps : [], event);
    this.#course = followed;
    for (const { id } of this.#data.steps.slice(before, followed.at)) {
      keepStep(localStorage, this.dataset['lesson'] ?? '', id, new Date().toISOString().slice(0, 10));
    }
    this.#show();
    if (followed.at === before) return;
    if (this.#data.steps[followed.at]?.setup !== undefined) this.#begin(bench);
    this.dispatchEvent(new Event(STEP_DONE));
  }

  async #play(bench: BenchElement, index: number): Promise<void> {
    if (this.#isPlaying) return;
    this.#isPlaying = true;
    this.#show();
    try {
      await bench.open();
      // A learner who is further on sees this step once more; one who is not, all that comes before it as well.
      const from = Math.min(this.#course.at, index);
      const isAgain = index < this.#course.at && this.#data.steps[index]?.setup !== undefined;
      if (isAgain) {
        this.#isPrepared = false;
        await bench.play(this.#data.steps[index]?.setup ?? []);
      }
      for (const [offset, { setup, solution }] of this.#data.steps.slice(from, index + 1).entries()) {
        if (setup !== undefined && offset > 0) await this.#isDone(from + offset - 1);
        await this.#begun;
        await bench.play(solution);
      }
      if (isAgain) this.#begin(bench);
    } finally {
      this.#isPlaying = false;
      this.#show();
    }
  }

  /** Resolves once a step is done; after a while in any case, since what is shown next says why it is not. */
  async #isDone(index: number): Promise<void> {
    const tooLong = AbortSignal.timeout(STEP_TIMEOUT_MS);
    while (this.#course.at <= index && !tooLong.aborted) {
      await new Promise((resolve) => {
        this.addEventListener(STEP_DONE, resolve, { once: true });
        tooLong.addEventListener('abort', resolve, { once: true });
      });
    }
  }

  #show(): void {
    for (const [index, step] of this.#data.steps.entries()) {
      const place = this.#place(step.id);
      const state = stateOf(step, index, this.#course);
      place.dataset['state'] = state.state;
      const [word, rest] = wordsOf(state, step.says, this.#isPrepared);
      const line = part(place, '.lesson-step-state', HTMLElement);
      // A live region that changes is read out: it is left alone where it would stay the same.
      if (line.dataset['words'] !== `${word} ${rest}`) {
        line.dataset['words'] = `${word} ${rest}`;
        const strong = document.createElement('span');
        strong.textContent = word;
        line.replaceChildren(strong, ` ${rest}`);
      }
      part(place, '[data-action=show]', HTMLButtonElement).disabled = this.#isPlaying;
    }
  }

  #place(id: string): HTMLElement {
    return part(this, `.lesson-step[data-step="${id}"]`, HTMLElement);
  }
}

function wordsOf(state: StepState, says: string, isOpen: boolean): [string, string] {
  switch (state.state) {
    case 'later':
      return ['What is checked:', `${says}.`];
    case 'now':
      return isOpen ? ['Not yet.', state.hint] : ['What is checked:', `${says}.`];
    case 'done':
      return ['Done.', ''];
    case 'undone':
      return ['Undone.', state.hint];
  }
}
