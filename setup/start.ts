import { isForeign } from '../image/architecture.ts';
import { readImageState } from '../image/location.ts';
import { obstacles, preflight } from '../runner/preflight/preflight.ts';
import { ensureImage } from './image-build.ts';
import { ensureSite } from './site-build.ts';
import { ensureSystemPackages } from './system-packages.ts';

/** `npm start`: what is missing is made, then the runner serves. The image is made meanwhile: the page says how far it is. */
if (isForeign()) {
  console.error('ARCHITECTURE is for "npm run image" and "npm run vm": labs run programs of this machine\'s own processor');
  process.exit(1);
}

for (const { sentence } of await ensureSystemPackages('run')) console.error(sentence);
for (const { title, found, remedy } of obstacles(await preflight())) console.error(`${title}: ${found} ${remedy ?? ''}`);

const imageReady = ensureImage();
const fault = await ensureSite(readImageState().state !== 'ready');
if (fault !== null) {
  console.error(fault);
  process.exit(1);
}

const { endBySignals, greeting, serve } = await import('../runner/main.ts');
const runner = await serve();
endBySignals(runner);
// The image's progress may stand on this line.
if (process.stdout.isTTY) process.stdout.write('\r\x1b[K');
for (const line of greeting(runner)) console.log(line);

// Why it failed, the builder has said.
if (!(await imageReady) && readImageState().state !== 'failed') {
  console.error('The image is not built: programs cannot run. "npm run image" says why.');
}
