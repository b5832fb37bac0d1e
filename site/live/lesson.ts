import { LessonElement } from './lesson/lesson-element.ts';

customElements.define('mptcp-lesson', LessonElement);
