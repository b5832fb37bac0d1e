/** What one run may take. Each is enforced by the kernel or by the runner, and named when it ends a run. */
export type Limits = {
  /** From the start of a step to its end. */
  wallSeconds: number;
  /** Of all processes together, where a control group counts them; of each process besides (RLIMIT_CPU). */
  cpuSeconds: number;
  /** Processes and threads at a time (RLIMIT_NPROC in the sandbox's own user namespace). */
  processes: number;
  openFiles: number;
  /** The largest file that can be written (RLIMIT_FSIZE). */
  fileBytes: number;
  /** Of all processes together, with the files that they write: by a control group, else watched by the runner. */
  memoryBytes: number;
  /** Terminal output of one run, in all. */
  outputBytes: number;
};

const MIB = 1024 * 1024;

export const DEFAULT_LIMITS: Limits = {
  wallSeconds: 60,
  cpuSeconds: 20,
  processes: 128,
  openFiles: 256,
  fileBytes: 64 * MIB,
  memoryBytes: 1024 * MIB,
  outputBytes: 64 * MIB,
};
