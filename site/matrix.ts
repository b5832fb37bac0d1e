import * as v from 'valibot';
import { type Matrix, matrixSchema } from '../protocol/matrix.ts';
import text from '../snippets/matrix.json?raw';

/** Every client against every server, as it was last run. A faulty file stops the build. */
export const matrix: Matrix = v.parse(matrixSchema, JSON.parse(text));
