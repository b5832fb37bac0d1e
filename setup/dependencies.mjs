import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { ensureCompilers } from './compilers.mjs';
import { showElapsed } from './elapsed.mjs';

/**
 * Installs what package-lock.json says, unless that is there already. Returns what went wrong in a sentence, or `null`.
 * @param {string} top the project's folder
 * @returns {Promise<string | null>}
 */
export async function ensureDependencies(top) {
  const lock = readFileSync(join(top, 'package-lock.json'), 'utf8');
  const hash = createHash('sha256').update(lock).digest('hex');
  const marker = join(top, 'node_modules/.hello-mptcp-lock');
  if (readOrEmpty(marker) === hash) return null;
  if (!matchesInstalled(lock, readOrEmpty(join(top, 'node_modules/.package-lock.json')))) {
    const fault = (await ensureCompilers()) ?? (await install(top));
    if (fault !== null) return fault;
    if (!matchesInstalled(lock, readOrEmpty(join(top, 'node_modules/.package-lock.json')))) {
      return 'npm installed other versions than package-lock.json names: see that package.json agrees with it ("npm install").';
    }
  }
  writeFileSync(marker, hash);
  return null;
}

/**
 * Whether npm wrote down, at the end of an installation, the versions that the lock file names. Packages that it left out
 * must be optional: made for other systems.
 * @param {string} wanted text of package-lock.json
 * @param {string} installed text of node_modules/.package-lock.json, '' when there is none
 */
export function matchesInstalled(wanted, installed) {
  if (installed === '') return false;
  const there = JSON.parse(installed).packages;
  return Object.entries(JSON.parse(wanted).packages).every(
    ([path, { version, integrity, optional }]) =>
      path === '' || (there[path] ? there[path].version === version && there[path].integrity === integrity : optional === true),
  );
}

/**
 * `npm install --no-save` and not `npm ci`: it keeps what is right already, and takes a lock file in which optional packages
 * for other systems are missing, as happens where a registry does not have them all.
 * @param {string} top
 * @returns {Promise<string | null>}
 */
async function install(top) {
  const display = showElapsed('Installing dependencies');
  const child = spawn('npm', ['install', '--no-save', '--loglevel=error', '--no-audit', '--no-fund'], {
    cwd: top,
    stdio: ['ignore', 'pipe', 'pipe'],
    env: { ...process.env, ...nodeHeaders() },
  });
  const printed = [];
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk) => printed.push(chunk));
  const code = await new Promise((resolve) => {
    child.on('error', (error) => resolve(error.message));
    child.on('close', resolve);
  });
  if (code === 0) {
    display.end('Installed dependencies');
    return null;
  }
  display.end('Installing dependencies failed');
  return `${Buffer.concat(printed)}\nnpm install ended with ${code}: the lines above say why. Nothing else was changed; the next start tries again.`;
}

/** Where Node's own headers lie beside it, node-gyp need not download them for node-pty. */
function nodeHeaders() {
  const prefix = dirname(dirname(process.execPath));
  return existsSync(join(prefix, 'include/node/node_api.h')) ? { npm_config_nodedir: prefix } : {};
}

/** @param {string} path */
function readOrEmpty(path) {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return '';
  }
}
