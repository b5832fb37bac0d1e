import { dirname } from 'node:path';
import { BuildFailed, buildImage } from './build.ts';
import { diskBytes } from './disk-bytes.ts';
import { imageDir, imageRoot, isComplete, readImageState } from './location.ts';
import { describeReady, type Made } from './ready.ts';
import { removeImages } from './remove.ts';
import { showProgress } from './show.ts';
import { writeRootTar } from './tar.ts';

/** `npm run image`: builds what is missing; `tar FILE` packs its root; `status`, `remove` and `rebuild` do as they say. */
const command = process.argv[2] ?? 'build';
switch (command) {
  case 'build':
    await build();
    break;
  case 'status':
    printStatus();
    break;
  case 'tar':
    await pack(process.argv[3] ?? 'hello-mptcp-root.tar');
    break;
  case 'remove':
    await remove();
    break;
  case 'rebuild':
    await remove();
    await build();
    break;
  default:
    console.error(`No command "${command}". Known: build (also without a word), status, tar FILE, remove, rebuild`);
    process.exitCode = 2;
}

async function build(): Promise<void> {
  if (isComplete()) {
    console.log(readyText(null));
    return;
  }
  const stop = new AbortController();
  for (const name of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.once(name, () => stop.abort());
  // Whoever started us is gone (setup/run.mjs, setup/start.ts); the channel alone keeps nothing alive.
  process.once('disconnect', () => stop.abort());
  process.channel?.unref();
  using display = showProgress();
  try {
    const made = await buildImage(display.show, stop.signal);
    display.end(readyText(made));
  } catch (cause) {
    if (stop.signal.aborted) display.end('Stopped; what was downloaded is kept for the next time');
    else if (cause instanceof BuildFailed) display.end(cause.message);
    else throw cause;
    process.exitCode = 1;
  }
}

function printStatus(): void {
  const image = readImageState();
  switch (image.state) {
    case 'absent':
      console.log('The image is not built yet: "npm run image" builds it');
      break;
    case 'building':
      console.log(`The image is being built: ${image.phase}, ${image.percent} %`);
      break;
    case 'ready':
      console.log(readyText(null));
      break;
    case 'failed':
      console.log(image.message);
      break;
  }
}

async function pack(file: string): Promise<void> {
  await build();
  if (!isComplete()) return;
  const startedMs = performance.now();
  const { list, bytes, sha256, packages } = await writeRootTar(imageRoot(), file);
  const seconds = Math.round((performance.now() - startedMs) / 1000);
  console.log(`${file}: ${Math.round(bytes / 1e6)} MB, packed in ${seconds} s; its ${packages} packages are in ${list}`);
  console.log(`sha256 ${sha256}`);
}

/** Of its root, and of all that was compiled for it. */
function readyText(made: Made | null): string {
  return describeReady(imageRoot(), diskBytes(dirname(imageRoot())), made);
}

async function remove(): Promise<void> {
  const freedBytes = await removeImages();
  console.log(`Removed ${imageDir()}: ${Math.round(freedBytes / 1e6)} MB freed`);
}
