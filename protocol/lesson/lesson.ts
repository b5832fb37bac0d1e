import type { Check } from '../check/check.ts';
import type { Condition } from '../condition.ts';
import type { HostName } from '../topology.ts';

/** The parts of the course, in their order. */
export const COURSE_PARTS = ['Start', 'Fallback', 'Paths', 'Programs', 'Path managers', 'Security', 'Last'] as const;

/** A lesson: its text is a page, what is done and looked for in it is data. */
export type Lesson = {
  /** The name of its page and of its files: `second-subflow`. */
  id: string;
  part: (typeof COURSE_PARTS)[number];
  title: string;
  /** How long it takes to read and do. */
  minutes: number;
  /** What the reader will be able to do afterwards: "Add a second subflow to any connection". */
  goal: string;
  /** The terminals beside the steps, the first one in front. Two of one host have names such as `client 2`. */
  terminals: TerminalName[];
  /** Snippets whose files are in the home of client and server, in a folder of their name. */
  snippets?: string[];
  /** The reader is to find out what to do: what the solutions print is kept folded, on paper too. */
  puzzle?: true;
  /** Done before the learner comes: the lab that a lesson needs, or one that is broken. */
  setup?: Action[];
  steps: Step[];
};

export type TerminalName = HostName | `${HostName} 2`;

export type Step = {
  /** Stands in the page where its text is. */
  id: string;
  /** Done when the step before it is done, and before the learner begins: what is to be found and mended. */
  setup?: Action[];
  check: Check;
  /** Said in the place of what the check says, where its `when` holds; the first one that does. */
  hints?: { when: Check; say: string }[];
  /** What "Show me" does. The steps before it are done already. */
  solution: Action[];
  /** What many do at first, each with a part of the hint that they get then. */
  mistakes: { title: string; actions: Action[]; hint: string }[];
};

/** Something that a learner does. */
export type Action =
  /** A line at the prompt of a terminal. Without `until`, the next action waits for the next prompt. */
  | { on: TerminalName; type: string; until?: string }
  /** Ctrl+C in a terminal. */
  | { on: TerminalName; interrupt: true }
  | { change: Condition }
  /** Time passes: a transfer goes on meanwhile. */
  | { waitMs: number };

/** The host of a terminal. */
export function hostOf(terminal: TerminalName): HostName {
  return terminal.startsWith('client') ? 'client' : terminal.startsWith('server') ? 'server' : 'router';
}
