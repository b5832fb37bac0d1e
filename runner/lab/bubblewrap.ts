import { statSync } from 'node:fs';

/** Where programs of the machine are looked for, the same for all that the runner starts. */
export const SEARCH_PATH = '/usr/sbin:/usr/bin:/sbin:/bin';

const SETUID = 0o4000;

/** The path of bwrap(1) where it is setuid: labs need an unprivileged one. `null` where it is not, or missing. */
export function setuidBwrap(): string | null {
  for (const folder of SEARCH_PATH.split(':')) {
    const file = statSync(`${folder}/bwrap`, { throwIfNoEntry: false });
    if (file !== undefined) return (file.mode & SETUID) === 0 ? null : `${folder}/bwrap`;
  }
  return null;
}
