import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { isComplete, readImageState } from '../image/location.ts';
import { top } from './site-build.ts';

/**
 * Builds the image beside this process when it is not ready; the builder itself shows on the terminal how far it is,
 * and at its end how big the image is and how long that took, or why there is none.
 * Resolves with whether the image is ready. The builder ends when this process does, by its IPC channel.
 */
export async function ensureImage(): Promise<boolean> {
  if (isComplete()) return true;
  const builder = spawn(process.execPath, [join(top, 'image/image.ts'), 'build'], {
    // Standard output is for what was asked for, such as the address.
    stdio: ['ignore', 2, 'inherit', 'ipc'],
  });
  const { promise, resolve } = Promise.withResolvers<void>();
  builder.once('close', () => resolve());
  await promise;
  return readImageState().state === 'ready';
}
