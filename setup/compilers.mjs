import { spawn, spawnSync } from 'node:child_process';
import { showElapsed } from './elapsed.mjs';

/** What node-gyp needs to compile node-pty, by command and by Debian package. */
const NEEDED = [
  { command: 'python3', debian: 'python3' },
  { command: 'make', debian: 'make' },
  { command: 'g++', debian: 'g++' },
];

/**
 * Installs missing compilers where that can be done: as root, with apt-get. Returns the remedy in a sentence where not.
 * @returns {Promise<string | null>}
 */
export async function ensureCompilers() {
  const missing = NEEDED.filter(({ command }) => !runs(command, '--version'));
  if (missing.length === 0) return null;
  const packages = missing.map(({ debian }) => debian);
  if (process.getuid?.() === 0 && runs('apt-get', '--version')) return aptInstall(packages);
  const names = missing.map(({ command }) => command).join(', ');
  return `node-pty, which gives programs a terminal, is compiled at installation and needs ${names}: ${remedy(packages)}, then start again.`;
}

/**
 * As root on Debian and its kin. Returns what went wrong in a sentence, or `null`.
 * @param {string[]} packages
 * @returns {Promise<string | null>}
 */
export async function aptInstall(packages) {
  const display = showElapsed(`Installing Debian packages ${packages.join(', ')}`);
  const printed = [];
  for (const args of [['update'], ['install', '-y', '--no-install-recommends', ...packages]]) {
    const child = spawn('apt-get', ['-q', ...args], {
      stdio: ['ignore', 'pipe', 'pipe'],
      env: { ...process.env, DEBIAN_FRONTEND: 'noninteractive', LC_ALL: 'C' },
    });
    for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk) => printed.push(chunk));
    const code = await new Promise((resolve) => child.on('close', resolve));
    // A mirror that is out of reach for the lists may still have the packages known from before.
    if (code !== 0 && args[0] === 'install') {
      display.end('Installing Debian packages failed');
      return `${Buffer.concat(printed)}\napt-get install ${packages.join(' ')} ended with exit code ${code}: the lines above say why.`;
    }
  }
  display.end(`Installed Debian packages ${packages.join(', ')}`);
  return null;
}

/**
 * The command for this system's package manager. Fedora and Arch name the compiler otherwise.
 * @param {string[]} debian
 */
export function remedy(debian) {
  const known = debian.join(' ');
  if (runs('apt-get', '--version')) return `"sudo apt-get install ${known}"`;
  if (runs('dnf', '--version')) return `"sudo dnf install ${known.replace('g++', 'gcc-c++')}"`;
  if (runs('pacman', '--version')) return `"sudo pacman -S ${known.replace('g++', 'gcc').replace('python3', 'python')}"`;
  return `install ${known}`;
}

/** @param {string} command @param {string} option */
function runs(command, option) {
  return spawnSync(command, [option], { stdio: 'ignore' }).status === 0;
}
