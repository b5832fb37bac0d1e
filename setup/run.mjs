// `node setup/run.mjs SCRIPT ...`: makes sure that the dependencies are installed, then runs the script by the project's
// own Node 24. Plain JavaScript for Node 18 and newer, since it runs before anything is installed.
//
// The script gets what a terminal gives: stdio, signals, and its exit code is ours. It also gets an IPC channel whose other
// end is this process. When this process ends, even by SIGKILL, the script sees
//
//   process.once('disconnect', stop);
//   process.channel?.unref(); // so that the channel alone keeps nothing alive
import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { delimiter, dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { ensureDependencies } from './dependencies.mjs';

const top = dirname(dirname(fileURLToPath(import.meta.url)));
const [script, ...args] = process.argv.slice(2);

/** Sooner than a person starts it again. */
const PARENT_CHECK_MS = 500;

if (script === undefined) stop('Expected a script, found none. For example: node setup/run.mjs setup/doctor.ts');
if (Number(process.versions.node.split('.')[0]) < 18) {
  stop(`Node ${process.versions.node} is too old to start with: install Node 18 or newer; the project brings its own Node 24`);
}
const fault = await ensureDependencies(top);
if (fault !== null) stop(fault);

const binaries = join(top, 'node_modules/.bin');
const node = join(binaries, 'node');
const child = spawn(existsSync(node) ? node : process.execPath, [join(top, script), ...args], {
  stdio: ['inherit', 'inherit', 'inherit', 'ipc'],
  env: {
    // TypeScript is compiled once, and not at each start (nodejs.org/api/module.html, module compile cache).
    NODE_COMPILE_CACHE: join(top, 'node_modules/.cache/compiled'),
    ...process.env,
    PATH: `${binaries}${delimiter}${process.env.PATH ?? ''}`,
  },
});

for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) {
  process.on(signal, () => {
    // A terminal sends its interrupt to all of its foreground processes: the script has it already.
    if (signal !== 'SIGINT' || !process.stdin.isTTY) child.kill(signal);
  });
}
// npm that is killed takes its shell along, but tells nothing to what the shell has started.
const startedBy = process.ppid;
if (process.env.npm_lifecycle_event !== undefined) {
  setInterval(() => {
    if (process.ppid !== startedBy) child.kill('SIGTERM');
  }, PARENT_CHECK_MS).unref();
}
child.on('error', (error) => stop(`Could not start ${node}: ${error.message}`));
child.on('exit', (code, signal) => {
  if (signal === null) process.exit(code ?? 1);
  process.removeAllListeners(signal);
  process.kill(process.pid, signal);
});

/** @param {string} message @returns {never} */
function stop(message) {
  console.error(message);
  process.exit(1);
}
