import type { Lesson } from '../../protocol/lesson/lesson.ts';
import { lesson as firstConnection } from './first-connection.ts';
import { lesson as secondSubflow } from './second-subflow.ts';

/** The course, in its order. */
export const lessons: Lesson[] = [firstConnection, secondSubflow];
