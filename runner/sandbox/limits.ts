/** What one run may take. Each is enforced by the kernel or by the runner, and named when it ends a run. */
export type Limits = {
  /** From the start of a step to its end. */
  wallSeconds: number;
  /** Without output, input, CPU time or a byte on a link, of all that runs in the lab; less than the running time, or without effect. */
  idleSeconds: number;
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

/** All processes of a lab's shells and programs together count for a shell's next one: they have one owner (RLIMIT_NPROC). */
export const SHELL_PROCESSES = 512;

/** A shell is open for as long as somebody works with it. */
export const SHELL_SECONDS = { wall: 4 * 3600, cpu: 600 };

export function shellLimits(limits: Limits): Limits {
  return { ...limits, wallSeconds: SHELL_SECONDS.wall, cpuSeconds: SHELL_SECONDS.cpu };
}

export const DEFAULT_LIMITS: Limits = {
  wallSeconds: 60,
  idleSeconds: 45,
  cpuSeconds: 20,
  processes: 128,
  openFiles: 256,
  fileBytes: 64 * MIB,
  memoryBytes: 1024 * MIB,
  outputBytes: 64 * MIB,
};
