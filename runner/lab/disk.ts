/** What all runs of a lab can write, with their temporary files and shared memory. */
export const WORK_BYTES = 384 * 1024 * 1024;

/** Each file takes kernel memory, also an empty one, and bwrap cannot bound their number. */
export const MAX_FILES = 65_536;
