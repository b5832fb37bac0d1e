import { BuildFailed, buildImage } from './build.ts';
import { imageDir, imageRoot, isComplete, readImageState } from './location.ts';
import { removeImages } from './remove.ts';
import { showProgress } from './show.ts';

/** `npm run image`: builds what is missing; `status`, `remove` and `rebuild` do as they say. */
const command = process.argv[2] ?? 'build';
switch (command) {
  case 'build':
    await build();
    break;
  case 'status':
    printStatus();
    break;
  case 'remove':
    await remove();
    break;
  case 'rebuild':
    await remove();
    await build();
    break;
  default:
    console.error(`No command "${command}". Known: build (also without a word), status, remove, rebuild`);
    process.exitCode = 2;
}

async function build(): Promise<void> {
  if (isComplete()) {
    console.log(`The image is ready: ${imageRoot()}`);
    return;
  }
  const stop = new AbortController();
  for (const name of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.once(name, () => stop.abort());
  // Whoever started us is gone (setup/run.mjs, setup/start.ts); the channel alone keeps nothing alive.
  process.once('disconnect', () => stop.abort());
  process.channel?.unref();
  using display = showProgress();
  try {
    await buildImage(display.show, stop.signal);
    display.end(`The image is ready: ${imageRoot()}`);
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
      console.log(`The image is ready: ${imageRoot()}`);
      break;
    case 'failed':
      console.log(image.message);
      break;
  }
}

async function remove(): Promise<void> {
  const freedBytes = await removeImages();
  console.log(`Removed ${imageDir()}: ${Math.round(freedBytes / 1e6)} MB freed`);
}
