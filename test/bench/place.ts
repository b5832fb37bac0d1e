import type { Quiet } from './quiet.ts';

/** What a part of the bench is given. */
export type Place = {
  /** A folder of this bench alone, removed at its end. */
  scratch: string;
  /** How often what takes milliseconds is measured. */
  rounds: number;
  /** The languages to measure, by their snippets; all of them where there is none. */
  languages: string[];
  /** How long a run is shown that is to be long. */
  seconds: number;
  quiet: Quiet;
};
