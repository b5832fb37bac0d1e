import { copyFileSync, mkdtempSync } from 'node:fs';
import { join } from 'node:path';
import { imageRoot, toolPath } from '../../image/location.ts';
import type { SandboxPlaces } from '../../runner/sandbox/command.ts';

const BEGIN_PROGRAM = join(import.meta.dirname, '../../runner/sandbox/begin-program.c');

/**
 * A sandbox of this machine, without a lab: a program's folder, and fresh ones beside it for what else it can write to, with
 * the program in them that begins it. Whoever made the folder removes them all.
 */
export function barePlaces(workDir: string, cache?: string): SandboxPlaces {
  const beside = (name: string) => mkdtempSync(`${workDir}.${name}-`);
  const run = beside('run');
  copyFileSync(toolPath(BEGIN_PROGRAM), join(run, 'begin-program'));
  return {
    ...{ image: imageRoot(), cache, beginProgram: '/run/begin-program' },
    workDir: { home: workDir, tmp: beside('tmp'), shm: beside('shm'), run },
  };
}
