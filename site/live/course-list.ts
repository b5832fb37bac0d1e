import { readProgress } from './lesson/lesson-progress.ts';
import { part } from './part.ts';

/** `<mptcp-course-list>`: says which lessons this browser knows to be done. */
class CourseListElement extends HTMLElement {
  connectedCallback(): void {
    const progress = readProgress(localStorage);
    for (const lesson of this.querySelectorAll<HTMLElement>('[data-lesson]')) {
      const done = progress[lesson.dataset['lesson'] ?? ''] ?? {};
      const steps = (lesson.dataset['steps'] ?? '').split(' ');
      const count = steps.filter((step) => done[step] !== undefined).length;
      if (count === 0) continue;
      if (count === steps.length) lesson.dataset['done'] = '';
      part(lesson, '.course-state', HTMLElement).textContent =
        count === steps.length ? 'Done' : `${count} of ${steps.length} steps done`;
    }
  }
}

customElements.define('mptcp-course-list', CourseListElement);
