import { endBySignals, greeting, serve } from '../runner/main.ts';
import { obstacles, preflight } from '../runner/preflight/preflight.ts';
import { asPublished } from './published.ts';

/** Starts the runner where all is there already, in a container or in a virtual machine. What is missing is named, and how to give it. */
for (const { title, found, remedy } of obstacles(await preflight())) console.error(`${title}: ${found} ${remedy ?? ''}`);
const runner = await serve(asPublished(process.env));
for (const line of greeting(runner)) console.log(line);
endBySignals(runner);
