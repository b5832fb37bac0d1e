import { cpus } from 'node:os';

/** Waits for moments in which nobody else keeps the processors busy: a sample beside a compiler says little. */
export type Quiet = {
  /** Resolves in a quiet moment, or at once when all patience is spent. */
  wait(): Promise<void>;
  /** How many of the samples began in one. */
  counts(): { quiet: number; all: number };
};

/** The kernel counts processor time in steps of 10 ms (proc_stat(5)). */
const LOOK_MS = 100;
const BUSY_PART = 0.15;

/** @param patienceMs for all waits together */
export function openQuiet(patienceMs: number): Quiet {
  let leftMs = patienceMs;
  let quiet = 0;
  let all = 0;
  return {
    async wait() {
      all++;
      for (;;) {
        const before = processorTimes();
        await new Promise((resolve) => setTimeout(resolve, LOOK_MS));
        const isQuiet = busyPart(before, processorTimes()) <= BUSY_PART;
        if (isQuiet) quiet++;
        if (isQuiet || leftMs <= 0) return;
        leftMs -= LOOK_MS;
      }
    },
    counts: () => ({ quiet, all }),
  };
}

type Times = { busyMs: number; idleMs: number };

function processorTimes(): Times {
  const all = cpus().map(({ times }) => times);
  const idleMs = all.reduce((sum, { idle }) => sum + idle, 0);
  return { idleMs, busyMs: all.reduce((sum, { user, nice, sys, irq }) => sum + user + nice + sys + irq, 0) };
}

/** 0 when all processors were idle, 1 when none was. */
export function busyPart(before: Times, after: Times): number {
  const busyMs = after.busyMs - before.busyMs;
  const idleMs = after.idleMs - before.idleMs;
  return busyMs + idleMs === 0 ? 1 : busyMs / (busyMs + idleMs);
}
