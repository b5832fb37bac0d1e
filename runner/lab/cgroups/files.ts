import { readFileSync, rmdirSync, writeFile, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

export function read(file: string): string {
  return readFileSync(file, 'utf8');
}

/** A setting that older kernels, or those without swap, do not have. */
export function writeIfThere(file: string, value: string | number): void {
  try {
    write(file, value);
  } catch (error) {
    if (!isNotThere(error)) throw error;
  }
}

function isNotThere(error: unknown): boolean {
  return error instanceof Error && 'code' in error && error.code === 'ENOENT';
}

/** Not created: the kernel makes these files, or they cannot be had. */
export function write(file: string, value: string | number): void {
  writeFileSync(file, String(value), { flag: 'r+' });
}

/** The number behind a name at the beginning of a line, as in `oom_kill 3`; 0 where there is none. */
export function numberAfter(name: string, text: string): number {
  return Number(new RegExp(`^${name} (\\d+)$`, 'm').exec(text)?.[1] ?? 0);
}

export function wordsOf(text: string): string[] {
  return text.split(/\s+/).filter((word) => word !== '');
}

/** The number behind `max` in pids.events, which kernels before 4.8 do not have. */
export function refusedIn(file: string): number {
  try {
    return numberAfter('max', read(file));
  } catch {
    return 0;
  }
}

/** A process that was killed is in its group until its parent has taken notice. */
const REMOVE_ATTEMPTS = 50;
const REMOVE_POLL_MS = 20;

/** What cannot be removed by now, the undertaker removes in the end. */
export async function removeSoon(directories: string[]): Promise<void> {
  for (let attempts = 0; attempts < REMOVE_ATTEMPTS; attempts++) {
    if (directories.map(tryRemove).every((removed) => removed)) return;
    await sleep(REMOVE_POLL_MS);
  }
}

/** Whether the group is gone. */
export function tryRemove(directory: string): boolean {
  try {
    rmdirSync(directory);
    return true;
  } catch (error) {
    return isNotThere(error);
  }
}

/** See Cgroups.prepare. It is only about time: an error would come again where it counts. */
export function prepareMove(group: string | undefined): void {
  if (group !== undefined) writeFile(join(group, 'cgroup.procs'), '0', { flag: 'r+' }, () => {});
}
