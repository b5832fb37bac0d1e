import { spawn } from 'node:child_process';
import { constants } from 'node:os';
import { join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { showElapsed } from '../../setup/elapsed.mjs';
import { ensureImage } from '../../setup/image-build.ts';
import { ensureSite } from '../../setup/site-build.ts';
import { ensureSystemPackages } from '../../setup/system-packages.ts';
import { COMPRESSIONS, type Compression, isCurrent, makeVmImage, usualFolder } from './image.ts';

/**
 * `npm run vm`: makes the image of the virtual machine where it is not there yet, and starts it; options are those of start.sh.
 * `npm run vm -- build` only makes it: `--out FOLDER`, `--compression lz4`, `--renew` for Debian's present kernel.
 */
const words = process.argv.slice(2);
if (words[0] === 'build') await build(words.slice(1));
else await start(words);

async function build(args: string[]): Promise<void> {
  const { values } = parseArgs({
    args,
    options: {
      out: { type: 'string', default: usualFolder() },
      compression: { type: 'string', default: 'zstd' },
      renew: { type: 'boolean', default: false },
    },
  });
  const compression = Object.keys(COMPRESSIONS).find((name): name is Compression => name === values.compression);
  if (compression === undefined) {
    giveUp(`--compression: expected ${Object.keys(COMPRESSIONS).join(' or ')}, found ${values.compression}`);
  } else await make(resolve(values.out), compression, values.renew);
}

async function start(options: string[]): Promise<void> {
  const folder = usualFolder();
  if (!isCurrent(folder)) await make(folder, 'zstd', false);
  const child = spawn('sh', [join(folder, 'start.sh'), ...options], { stdio: 'inherit' });
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
    process.on(signal, () => {
      // A terminal sends its interrupt to the script too, which then turns the machine off.
      if (signal !== 'SIGINT' || !process.stdin.isTTY) child.kill(signal);
    });
  }
  process.once('disconnect', () => child.kill('SIGTERM'));
  process.channel?.unref();
  child.once('exit', (code, signal) => process.exit(code ?? 128 + (signal === null ? 0 : constants.signals[signal])));
}

async function make(folder: string, compression: Compression, renewKernel: boolean): Promise<void> {
  const missing = await ensureSystemPackages('vm');
  if (missing.length > 0) giveUp(missing.map(({ sentence }) => sentence).join('\n'));
  // Why there is none, the builder has said.
  if (!(await ensureImage())) process.exit(1);
  const fault = await ensureSite();
  if (fault !== null) giveUp(fault);
  const display = showElapsed('Making the virtual machine');
  const { parts, kernel } = await makeVmImage(folder, compression, renewKernel);
  const sizes = parts.map(({ name, bytes }) => `${name} ${(bytes / 1e6).toFixed(1)} MB`).join(', ');
  display.end(`Made ${folder}, Linux ${kernel}: ${sizes},`);
}

function giveUp(message: string): never {
  console.error(message);
  process.exit(1);
}
