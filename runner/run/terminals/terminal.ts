export type TerminalSize = { columns: number; rows: number };

/** `argv` begins with a path: nothing is searched for. */
export type TerminalPlan = { argv: string[]; size: TerminalSize };

export type TerminalListener = {
  /** What was printed. The bytes are the listener's own. */
  output(bytes: Buffer): void;
  /** The last call: the process ended, or could not be started. */
  ended(why: string): void;
};

/** A program on a terminal of its own. */
export type Terminal = {
  /** What is typed. A program that reads nothing has at most TYPED_BYTES waiting; false when some of it is beyond, and lost. */
  input(bytes: Uint8Array): boolean;
  resize(size: TerminalSize): void;
  /** Output is not read until `resume`: the kernel then holds the program at its next write. */
  pause(): void;
  resume(): void;
  /** Kills the process at once, and reads no further: nothing is told of it any more. */
  close(): void;
  /** Tells the process that was started; one that has ended takes no notice. */
  signal(name: NodeJS.Signals): void;
};

/** As much as the largest paste that a page sends. */
export const TYPED_BYTES = 2 * 1024 * 1024;
