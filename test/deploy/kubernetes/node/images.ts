import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, openSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { top } from '../../../../setup/site-build.ts';
import { startEngine } from '../../engine.ts';
import { FIRST_TAG, IMAGE } from '../render.ts';
import { CACHE } from './cache.ts';
import { PAUSE_IMAGE } from './configuration.ts';

/** The tag that a roll-out brings. */
export const NEXT_TAG = '0.1.1';

/** Written beside the image. */
const PROFILE = join(top, 'deploy/container/seccomp.json');

const execute = promisify(execFile);

/**
 * Makes the container image as `npm run container` does, with C and Python, by an engine of its own, and writes it with the pause
 * image to `archive`, as `docker save` does. Both tags are of one image. Resolves with the seccomp profile.
 *
 * @param programs folder that has `pause`
 * @param undo gets what has to be taken away afterwards
 */
export async function saveImages(programs: string, archive: string, undo: AsyncDisposableStack): Promise<string> {
  if (!existsSync(PROFILE)) undo.defer(() => rmSync(PROFILE, { force: true }));
  // A folder of its own: the downloads of the image with all languages stay as they are.
  const env = { ...process.env, IMAGE_DIR: join(CACHE, 'image'), LANGUAGES: 'c,python' };
  const started = startEngine().then((made) => undo.use(made));
  const [engine] = await Promise.all([started, execute('npm', ['run', 'image'], { cwd: top, env })]);
  const path = `${engine.commands}:${process.env['PATH']}`;
  const docker = join(engine.commands, 'docker');
  await execute('npm', ['run', 'container', '--', '--tag', `${IMAGE}:${FIRST_TAG}`], { cwd: top, env: { ...env, PATH: path } });
  await execute(docker, ['tag', `${IMAGE}:${FIRST_TAG}`, `${IMAGE}:${NEXT_TAG}`]);
  const importPause = `tar -C "$1" -c pause | "$2" import --change 'ENTRYPOINT ["/pause"]' - ${PAUSE_IMAGE}`;
  await execute('sh', ['-euc', importPause, 'sh', programs, docker]);
  const save = spawn(docker, ['save', `${IMAGE}:${FIRST_TAG}`, `${IMAGE}:${NEXT_TAG}`, PAUSE_IMAGE], {
    cwd: '/',
    stdio: ['ignore', openSync(archive, 'w'), 'inherit'],
  });
  const [code] = await once(save, 'close');
  if (code !== 0) throw new Error(`docker save ended with exit code ${code}`);
  return readFileSync(PROFILE, 'utf8');
}
