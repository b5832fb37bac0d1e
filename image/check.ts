import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { isForeign } from './architecture.ts';
import { emulate } from './emulation.ts';

const execute = promisify(execFile);

/**
 * Proves that a root filesystem can be used: what the lab and the snippets start does start in a sandbox on it,
 * and no file in it has a setuid or setgid bit. Throws on the first thing that does not hold.
 */
export async function checkRoot(root: string): Promise<void> {
  for (const command of isForeign() ? MUST_START : [...MUST_START, NETFILTER]) await executeIn(root, command);
  const { stdout } = await execute('find', [root, '-xdev', '-perm', '/6000']);
  if (stdout !== '')
    throw new Error(`expected no setuid or setgid file in the image, found ${stdout.trim().replaceAll('\n', ', ')}`);
}

const MUST_START = [
  ['gcc', '--version'],
  ['python3', '-c', 'import asyncio, socket, ssl'],
  ['ip', '-V'],
  ['ss', '-V'],
  ['tc', '-V'],
  ['tcpdump', '--version'],
  ['bwrap', '--version'],
  ['nsenter', '--version'],
  ['mount', '--version'],
  ['getent', 'hosts', 'server.lab'],
  ['test', '-d', '/work', '-a', '-d', '/lab', '-a', '-d', '/run', '-a', '-d', '/home/u'],
];

/** Opens a socket first that qemu-user does not have (linux-user/syscall.c, do_socket): a virtual machine tries it. */
const NETFILTER = ['nft', '-v'];

export type Surroundings = {
  /** Source and destination each, mounted besides the image. */
  binds?: [string, string][];
  readOnly?: [string, string][];
  directory?: string;
  environment?: Record<string, string>;
};

/** Executes a command in the image, read-only, with a network of its own that leads nowhere. */
export async function executeIn(root: string, command: string[], surroundings: Surroundings = {}): Promise<void> {
  const { binds = [], readOnly = [], directory = '/', environment = {} } = surroundings;
  const [program = '', ...args] = [
    ...(await emulate()).before,
    ...['bwrap', '--unshare-all', '--die-with-parent'],
    ...['--ro-bind', root, '/', '--proc', '/proc', '--dev', '/dev', '--tmpfs', '/tmp'],
    ...binds.flatMap(([source, destination]) => ['--bind', source, destination]),
    ...readOnly.flatMap(([source, destination]) => ['--ro-bind', source, destination]),
    ...['--chdir', directory, '--', ...command],
  ];
  await execute(program, args, { env: { PATH: '/usr/bin:/usr/sbin', HOME: '/tmp', LANG: 'C.UTF-8', ...environment } });
}
