import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, fstatSync, openSync, statSync } from 'node:fs';

/**
 * Takes the lock of a file, waiting for whoever has it (flock(2)). The kernel lets go of it when this process ends,
 * however it ends. `signal` ends the waiting.
 */
export async function lockFile(path: string, signal?: AbortSignal): Promise<Disposable> {
  const descriptor = openSync(path, 'a');
  // The lock belongs to the open file, which flock(1) shares with us: it stays when flock has ended.
  const flock = spawn('flock', ['--exclusive', '3'], {
    stdio: ['ignore', 'ignore', 'inherit', descriptor],
    ...(signal && { signal }),
  });
  try {
    const [code] = await once(flock, 'close');
    if (code !== 0) throw new Error(`flock --exclusive on ${path} ended with exit code ${code}`);
  } catch (cause) {
    closeSync(descriptor);
    throw cause;
  }
  // Whoever had it may have removed the file: then others lock a new one.
  if (fstatSync(descriptor).ino !== statSync(path, { throwIfNoEntry: false })?.ino) {
    closeSync(descriptor);
    return lockFile(path, signal);
  }
  return { [Symbol.dispose]: () => closeSync(descriptor) };
}
