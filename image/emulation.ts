import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { accessSync, constants, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { promisify } from 'node:util';
import { isForeign } from './architecture.ts';

/** How a command is given in which programs of the image run, whatever processor they are for. */
export type Emulation = {
  /** What stands before it. Nothing, where they are for this machine's processor. */
  before: string[];
  /** Whether it is root then, of a user namespace, whoever gives it. */
  isRoot: boolean;
};

/**
 * Programs for arm64 are executed by qemu-user, where the whole machine has it so, or in a user namespace that lasts as long as
 * this process: each has a binfmt_misc of its own since Linux 6.7, and nothing of it is seen outside.
 *
 * @throws Error that says what to install, where neither works
 */
export function emulate(): Promise<Emulation> {
  emulation ??= isForeign() ? openEmulation() : Promise.resolve({ before: [], isRoot: false });
  return emulation;
}

let emulation: Promise<Emulation> | null = null;

async function openEmulation(): Promise<Emulation> {
  if (await executesArm64(QUICKLY)) return { before: QUICKLY, isRoot: false };
  let fault = `${QEMU} is missing`;
  if (isExecutable(QEMU)) {
    try {
      const before = [...(await openNamespace()), ...QUICKLY];
      if (await executesArm64(before)) return { before, isRoot: true };
      fault = `${QEMU} executes no program in a namespace`;
    } catch (cause) {
      fault = String(cause);
    }
  }
  throw new Error(`${fault}\n${NOT_EXECUTED}`);
}

const QEMU = '/usr/bin/qemu-aarch64-static';

/**
 * Debian's programs sign their return addresses (Armv8.3, pointer authentication). A hash that is cheap to emulate does: a program
 * that calls much took 0.8 s with it, and 13 s with that of the standard.
 */
const QUICKLY = ['env', 'QEMU_CPU=max,pauth-impdef=on'];

/** binfmt-support registers it for the whole machine, as systemd does where it is. */
export const NOT_EXECUTED =
  'This machine does not execute arm64 programs: "apt-get install qemu-user-static" as root, and with a kernel before Linux 6.7 also binfmt-support; then try again.';

/**
 * For binfmt_misc (Documentation/admin-guide/binfmt-misc.rst): programs and shared objects of 64 bits for machine 183. F opens the
 * interpreter now, so that it is found in other roots too; O hands it the program open; P keeps its first argument.
 */
const REGISTRATION = [
  String.raw`:hello-mptcp-arm64:M::\x7fELF\x02\x01\x01\x00\x00\x00\x00\x00\x00\x00\x00\x00\x02\x00\xb7\x00`,
  String.raw`:\xff\xff\xff\xff\xff\xff\xff\x00\xff\xff\xff\xff\xff\xff\xff\xff\xfe\xff\xff\xff:${QEMU}:POF`,
].join('');

/** Ends with this process: its standard input does. */
const HOLD = `echo made; read go
mount -t binfmt_misc none /mnt && printf %s '${REGISTRATION}' >/mnt/register && echo ready; read end`;

/** nsenter(1) into it, as root with all its capabilities. */
async function openNamespace(): Promise<string[]> {
  const isRoot = process.getuid?.() === 0;
  const mapped = isRoot ? [] : ['--map-root-user', '--map-auto'];
  const holder = spawn('unshare', ['--user', '--mount', ...mapped, '--', 'sh', '-c', HOLD]);
  const faults: string[] = [];
  createInterface({ input: holder.stderr }).on('line', (line) => faults.push(line));
  const lines = createInterface({ input: holder.stdout });
  const ended = once(holder, 'close').then(() => []);
  const said = async (word: string) => {
    const [line] = await Promise.race([once(lines, 'line'), ended]);
    if (line !== word) throw new Error(faults.join(', '));
  };
  await said('made');
  if (isRoot) {
    // All ids as they are; unshare(1) before util-linux 2.40 asks subuid(5), even for root.
    for (const ids of ['uid_map', 'gid_map']) writeFileSync(`/proc/${holder.pid}/${ids}`, `0 0 ${2 ** 32 - 1}`);
  }
  holder.stdin.write('go\n');
  await said('ready');
  // They keep nothing alive.
  holder.unref();
  for (const pipe of [holder.stdin, holder.stdout, holder.stderr]) if (pipe instanceof Socket) pipe.unref();
  return ['nsenter', `--user=/proc/${holder.pid}/ns/user`, '--preserve-credentials', '--'];
}

/** In a root of its own, where no interpreter lies beside the program. */
async function executesArm64(before: string[]): Promise<boolean> {
  const root = mkdtempSync(join(tmpdir(), 'hello-mptcp-arm64-'));
  try {
    writeFileSync(join(root, 'exit'), EXITS_WITH_7, { mode: 0o755 });
    const [command = '', ...args] = [...before, 'bwrap', '--unshare-all', '--ro-bind', root, '/', '/exit'];
    await promisify(execFile)(command, args);
    return false;
  } catch (cause) {
    return (cause as { code?: unknown }).code === 7;
  } finally {
    rmSync(root, { recursive: true });
  }
}

/** An ELF file with one segment of three instructions: x0 = 7, x8 = 93 (exit), svc (elf(5), Arm's A64). */
const EXITS_WITH_7 = Buffer.from(
  [
    '7f454c460201010000000000000000000200b7000100000078004000000000004000000000000000000000000000000000000000400038000100000000000000',
    '0100000005000000000000000000000000004000000000000000400000000000840000000000000084000000000000000010000000000000',
    'e00080d2a80b80d2010000d4',
  ].join(''),
  'hex',
);

function isExecutable(file: string): boolean {
  try {
    accessSync(file, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}
