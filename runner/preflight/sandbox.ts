import { accessSync, constants } from 'node:fs';
import { setuidBwrap } from '../lab/bubblewrap.ts';
import { attempt, unprivileged } from './attempt.ts';
import { missingOption, readConfinement } from './container.ts';
import type { Finding } from './finding.ts';

/** The sandbox of programs, with the options that it depends on. */
export async function bubblewrap(): Promise<Finding> {
  const base = { name: 'bubblewrap', title: 'bubblewrap', necessary: true } as const;
  const version = await attempt(['bwrap', '--version']);
  if (version.kind !== 'done') {
    return {
      ...base,
      state: 'missing',
      found: 'bwrap is missing, it is the sandbox of programs.',
      remedy: '"sudo apt-get install bubblewrap"',
    };
  }
  const options = [
    '--unshare-user',
    '--unshare-pid',
    '--unshare-uts',
    '--hostname',
    'lab',
    '--disable-userns',
    '--die-with-parent',
    '--size',
    '4096',
    '--tmpfs',
    '/tmp',
  ];
  const tried = await attempt(unprivileged(['bwrap', '--ro-bind', '/', '/', ...options, '--proc', '/proc', 'true']));
  if (tried.kind !== 'done') {
    const why = tried.kind === 'failed' ? tried.output : 'setpriv is missing';
    const old = /Unknown option/.test(why);
    return {
      ...base,
      state: 'missing',
      found: old
        ? `${version.output} is too old, a sandbox needs its options --disable-userns and --size.`
        : `bwrap cannot make a sandbox: ${why}`,
      remedy: old
        ? 'Install bubblewrap 0.8 or newer, of Debian 12, Ubuntu 24.04 or a later system.'
        : (missingOption(why, readConfinement()) ?? 'Mend the line on user namespaces first.'),
    };
  }
  const setuid = setuidBwrap();
  if (setuid !== null) {
    return {
      ...base,
      state: 'missing',
      found: 'bwrap is setuid root: a fault in it would be one of root, and an unprivileged one is enough here.',
      remedy: `"sudo chmod u-s ${setuid}"`,
    };
  }
  return { ...base, state: 'ok', found: `${version.output} makes a sandbox without privilege.`, remedy: null };
}

/** Programs of util-linux by which labs are made and entered. */
export async function entering(): Promise<Finding> {
  const base = { name: 'entering', title: 'nsenter, setpriv, unshare', necessary: true } as const;
  const tries = await Promise.all([
    attempt(['nsenter', '--preserve-credentials', '--version']),
    attempt(['setpriv', '--pdeathsig', 'KILL', 'true']),
    attempt(['unshare', '--kill-child', '--version']),
  ]);
  if (tries.every(({ kind }) => kind === 'done'))
    return { ...base, state: 'ok', found: 'Labs can be made and entered.', remedy: null };
  return {
    ...base,
    state: 'missing',
    found: 'nsenter, setpriv or unshare is missing or too old; labs are made and entered by them.',
    remedy: '"sudo apt-get install util-linux", or your system\'s package with them, 2.38 or newer.',
  };
}

/** Each run has a terminal of its own (pts(4)). */
export function terminals(): Finding {
  const base = { name: 'terminals', title: 'Terminals', necessary: true } as const;
  try {
    accessSync('/dev/ptmx', constants.R_OK | constants.W_OK);
    return { ...base, state: 'ok', found: '/dev/ptmx opens, so programs get a terminal.', remedy: null };
  } catch {
    return {
      ...base,
      state: 'missing',
      found: '/dev/ptmx cannot be opened, so no program gets a terminal.',
      remedy: '"sudo mount -t devpts -o ptmxmode=666 devpts /dev/pts", and /dev/ptmx as a link to pts/ptmx.',
    };
  }
}
