import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, rename, rm } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { executeIn } from './check.ts';
import { toolPath, toolSources } from './location.ts';

/**
 * Compiles the runner's C programs that are not compiled yet, statically by the image's own gcc, so that they run on the
 * host, whatever C library it has, and in the lab. The compiler's words are in the error when a source is wrong.
 */
export async function compileTools(root: string): Promise<void> {
  for (const source of toolSources()) {
    if (!existsSync(toolPath(source))) await compileTool(root, source, toolPath(source));
  }
}

async function compileTool(root: string, source: string, program: string): Promise<void> {
  await mkdir(dirname(program), { recursive: true });
  const scratch = await mkdtemp(join(dirname(program), '.compile-'));
  try {
    const name = basename(source, '.c');
    const flags = ['-std=gnu17', '-O2', '-Wall', '-Wextra', '-Werror', '-static'];
    await executeIn(root, ['gcc', ...flags, '-o', `/work/${name}`, `/lab/${basename(source)}`], {
      binds: [
        [scratch, '/work'],
        [dirname(source), '/lab'],
      ],
    });
    await rename(join(scratch, name), program);
  } finally {
    await rm(scratch, { recursive: true, force: true });
  }
}
