import { LAB_WORK } from './holder.ts';
import type { LabShell } from './shell.ts';

/** Fresh working directories for runs, made ahead of need: a click does not wait for them. */
export type WorkDirs = {
  /** Empty directories that nobody had before. */
  take(): Promise<WorkDir>;
  /** Makes room: removes them and all that is in them. */
  remove(workDir: WorkDir): Promise<void>;
};

/** Paths in the lab of what a run can write to: its files, /tmp, /dev/shm and /run. All together are bounded in bytes and files. */
export type WorkDir = { home: string; tmp: string; shm: string; run: string };

/** One for the server and one for the client of two clicks. */
const MADE_AHEAD = 4;

export async function openWorkDirs(shell: LabShell): Promise<WorkDirs> {
  let lastMade = 0;
  let lastTaken = 0;
  let making: Promise<unknown> = Promise.resolve();

  const make = (upTo: number): Promise<unknown> => {
    const paths = Array.from({ length: upTo - lastMade }, (_, index) => Object.values(workDir(lastMade + 1 + index))).flat();
    lastMade = Math.max(lastMade, upTo);
    if (paths.length > 0) making = Promise.all([making, shell.make(paths)]);
    return making;
  };
  await make(MADE_AHEAD);

  return {
    async take() {
      const number = ++lastTaken;
      if (number > lastMade) await make(number + MADE_AHEAD);
      await making;
      return workDir(number);
    },
    async remove(given) {
      await shell.remove(Object.values(given));
      if (lastTaken + 2 > lastMade) await make(lastTaken + MADE_AHEAD);
    },
  };
}

function workDir(number: number): WorkDir {
  const home = `${LAB_WORK}/${number}`;
  return { home, tmp: `${home}.tmp`, shm: `${home}.shm`, run: `${home}.run` };
}
