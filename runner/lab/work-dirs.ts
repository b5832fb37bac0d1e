import { LAB_WORK } from './holder.ts';
import type { LabShell } from './shell.ts';

/** Fresh working directories for runs, made ahead of need: a click does not wait for mkdir(1). */
export type WorkDirs = {
  /** The path of an empty directory that nobody had before. */
  take(): Promise<string>;
  /** Makes room: removes a directory and all that is in it. */
  remove(path: string): Promise<void>;
};

/** One for the server and one for the client of two clicks. */
const MADE_AHEAD = 4;

export async function openWorkDirs(shell: LabShell): Promise<WorkDirs> {
  let lastMade = 0;
  let lastTaken = 0;
  let making: Promise<unknown> = Promise.resolve();

  const make = (upTo: number): Promise<unknown> => {
    const paths = Array.from({ length: upTo - lastMade }, (_, index) => `${LAB_WORK}/${lastMade + 1 + index}`);
    lastMade = Math.max(lastMade, upTo);
    if (paths.length > 0) making = Promise.all([making, shell.run(`mkdir ${paths.join(' ')}`)]);
    return making;
  };
  await make(MADE_AHEAD);

  return {
    async take() {
      const number = ++lastTaken;
      if (number > lastMade) await make(number + MADE_AHEAD);
      await making;
      return `${LAB_WORK}/${number}`;
    },
    async remove(path) {
      await shell.run(`rm -rf ${path}`);
      if (lastTaken + 2 > lastMade) await make(lastTaken + MADE_AHEAD);
    },
  };
}
