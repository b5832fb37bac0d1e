import type { Action, Step } from '../../../protocol/lesson/lesson.ts';
import { BenchElement, LAB_PREPARED, LabEvent } from '../bench/bench-element.ts';
import { part } from '../part.ts';
import { beginAgain, COURSE_BEGINS, type Course, follow, type StepState, stateOf } from './lesson-course.ts';
import { keepStep } from './lesson-progress.ts';

type Data = { steps: (Step & { says: string })[]; setup: Action[] };

/** `<mptcp-lesson>`: follows what happens in the lab beside the text, and says how each step stands. */
export class LessonElement extends HTMLElement {
  #living: AbortController | null = null;
  #course: Course = COURSE_BEGINS;
  #data: Data = { steps: [], setup: [] };
  #isPlaying = false;
  #isPrepared = false;

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
        if (heard instanceof LabEvent) this.#hear(heard);
      },
      { signal },
    );
    bench.addEventListener(
      LAB_PREPARED,
      () => {
        this.#isPrepared = true;
        this.#course = beginAgain(this.#course);
        this.#show();
      },
      { signal },
    );
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

  #hear({ event }: LabEvent): void {
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
  }

  async #play(bench: BenchElement, index: number): Promise<void> {
    if (this.#isPlaying) return;
    this.#isPlaying = true;
    this.#show();
    try {
      await bench.open();
      // A learner who is further on sees this step once more; one who is not, all that comes before it as well.
      const from = Math.min(this.#course.at, index);
      await bench.play(this.#data.steps.slice(from, index + 1).flatMap(({ solution }) => solution));
    } finally {
      this.#isPlaying = false;
      this.#show();
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
