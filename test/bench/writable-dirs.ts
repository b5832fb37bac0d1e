import { mkdtempSync } from 'node:fs';
import type { WritableDirs } from '../../runner/sandbox/command.ts';

/** A program's folder, and fresh ones beside it for what else it can write to. Whoever made the folder removes them all. */
export function writableDirs(workDir: string): WritableDirs {
  const beside = (name: string) => mkdtempSync(`${workDir}.${name}-`);
  return { home: workDir, tmp: beside('tmp'), shm: beside('shm'), run: beside('run') };
}
