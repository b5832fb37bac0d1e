import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { isComplete, readImageState } from '../image/location.ts';
import { top } from './site-build.ts';

/**
 * Builds the image beside this process when it is not ready; the builder shows its progress on the terminal itself.
 * Resolves with whether the image is ready. The builder ends when this process does, by its IPC channel.
 */
export async function ensureImage(): Promise<boolean> {
  if (isComplete()) return true;
  const builder = spawn(process.execPath, [join(top, 'image/image.ts'), 'build'], {
    stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
  });
  const { promise, resolve } = Promise.withResolvers<void>();
  builder.once('close', () => resolve());
  await promise;
  return readImageState().state === 'ready';
}
