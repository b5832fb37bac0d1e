import { accessSync, constants } from 'node:fs';
import { join } from 'node:path';
import { architecture, isForeign } from '../image/architecture.ts';
import { aptInstall } from './compilers.mjs';

/** A package of the host, as Debian, Fedora and Arch name it. */
type SystemPackage = {
  debian: string;
  fedora: string;
  arch: string;
  why: string;
  /** Absolute, or looked for in PATH and the sbin folders. */
  file: string;
  needed: 'always' | 'by-user' | 'by-vm' | 'by-foreign-image' | 'by-foreign-vm' | 'by-tests';
  /** Only where what is made is for that processor. */
  made?: NodeJS.Architecture;
};

export const SYSTEM_PACKAGES: SystemPackage[] = [
  {
    debian: 'mmdebstrap',
    fedora: 'mmdebstrap',
    arch: 'mmdebstrap',
    why: 'builds the image',
    file: 'mmdebstrap',
    needed: 'always',
  },
  {
    debian: 'debian-archive-keyring',
    fedora: 'debian-keyring',
    arch: 'debian-archive-keyring',
    why: "checks the signatures of the image's packages",
    file: '/usr/share/keyrings/debian-archive-keyring.gpg',
    needed: 'always',
  },
  {
    debian: 'bubblewrap',
    fedora: 'bubblewrap',
    arch: 'bubblewrap',
    why: 'is the sandbox of programs',
    file: 'bwrap',
    needed: 'always',
  },
  {
    debian: 'util-linux',
    fedora: 'util-linux',
    arch: 'util-linux',
    why: 'makes the hosts of a lab',
    file: 'nsenter',
    needed: 'always',
  },
  {
    debian: 'uidmap',
    fedora: 'shadow-utils',
    arch: 'shadow',
    why: 'lets a user build the image',
    file: 'newuidmap',
    needed: 'by-user',
  },
  {
    debian: 'qemu-system-x86',
    fedora: 'qemu-system-x86',
    arch: 'qemu-system-x86',
    why: 'is the virtual machine',
    file: 'qemu-system-x86_64',
    needed: 'by-vm',
    made: 'x64',
  },
  {
    debian: 'qemu-system-arm',
    fedora: 'qemu-system-aarch64',
    arch: 'qemu-system-aarch64',
    why: 'is the virtual machine',
    file: 'qemu-system-aarch64',
    needed: 'by-vm',
    made: 'arm64',
  },
  {
    debian: 'squashfs-tools',
    fedora: 'squashfs-tools',
    arch: 'squashfs-tools',
    why: 'makes the disk of the virtual machine',
    file: 'mksquashfs',
    needed: 'by-vm',
  },
  {
    debian: 'qemu-user-static',
    fedora: 'qemu-user-static-aarch64',
    arch: 'qemu-user-static',
    why: 'executes programs of another processor',
    file: 'qemu-aarch64-static',
    needed: 'by-foreign-image',
  },
  {
    debian: 'g++-aarch64-linux-gnu',
    fedora: 'gcc-c++-aarch64-linux-gnu',
    arch: 'aarch64-linux-gnu-gcc',
    why: 'compiles node-pty for another processor',
    file: 'aarch64-linux-gnu-g++',
    needed: 'by-foreign-vm',
  },
  {
    debian: 'chromium',
    fedora: 'chromium',
    arch: 'chromium',
    why: 'tries the pages in tests',
    file: 'chromium',
    needed: 'by-tests',
  },
  {
    debian: 'caddy',
    fedora: 'caddy',
    arch: 'caddy',
    why: 'stands before a runner in tests',
    file: 'caddy',
    needed: 'by-tests',
  },
  {
    debian: 'nginx',
    fedora: 'nginx',
    arch: 'nginx',
    why: 'stands before a runner in tests',
    file: 'nginx',
    needed: 'by-tests',
  },
  {
    debian: 'haproxy',
    fedora: 'haproxy',
    arch: 'haproxy',
    why: 'stands before a runner in tests',
    file: 'haproxy',
    needed: 'by-tests',
  },
  {
    debian: 'tshark',
    fedora: 'wireshark-cli',
    arch: 'wireshark-cli',
    why: 'checks the packets in tests',
    file: 'tshark',
    needed: 'by-tests',
  },
];

export type Purpose = 'run' | 'vm' | 'tests';

/** What a person has to do about one package, in a sentence. */
export type MissingPackage = { debian: string; sentence: string };

/**
 * Installs what is missing where that can be done: as root, with apt-get. Returns what is missing afterwards.
 * `vm` asks also for what a virtual machine needs, `tests` for all that tests need.
 */
export async function ensureSystemPackages(purpose: Purpose): Promise<MissingPackage[]> {
  const missing = missingPackages(purpose);
  if (missing.length === 0 || !isRoot() || !isThere('apt-get')) return missing.map(sentence);
  const fault = await aptInstall(missing.map(({ debian }) => debian));
  if (fault !== null) console.error(fault);
  return missingPackages(purpose).map(sentence);
}

export function missingPackages(purpose: Purpose): SystemPackage[] {
  return SYSTEM_PACKAGES.filter(({ needed, file, made }) => {
    if (made !== undefined && made !== architecture()) return false;
    if (needed === 'by-tests' && purpose !== 'tests') return false;
    if (needed === 'by-vm' && purpose === 'run') return false;
    if (needed === 'by-user' && isRoot()) return false;
    if (needed === 'by-foreign-image' && !isForeign()) return false;
    if (needed === 'by-foreign-vm' && !(isForeign() && purpose === 'vm')) return false;
    return !isThere(file);
  });
}

/** Whether a program, or a file given by its absolute path, is there. */
export function isThere(file: string): boolean {
  const folders = [...(process.env.PATH ?? '').split(':'), '/usr/sbin', '/sbin'];
  const candidates = file.startsWith('/') ? [file] : folders.map((folder) => join(folder, file));
  return candidates.some((path) => canUse(path, file.startsWith('/') ? constants.R_OK : constants.X_OK));
}

function sentence({ debian, fedora, arch, why }: SystemPackage): MissingPackage {
  return { debian, sentence: `${debian} is missing, it ${why}: ${installCommand({ debian, fedora, arch })}` };
}

/** The command for this system's package manager. */
function installCommand({ debian, fedora, arch }: Pick<SystemPackage, 'debian' | 'fedora' | 'arch'>): string {
  if (isThere('apt-get')) return `"sudo apt-get install ${debian}"`;
  if (isThere('dnf')) return `"sudo dnf install ${fedora}"`;
  if (isThere('pacman')) return `"sudo pacman -S ${arch}"`;
  return `install ${debian} by your system's package manager`;
}

function canUse(path: string, mode: number): boolean {
  try {
    accessSync(path, mode);
    return true;
  } catch {
    return false;
  }
}

function isRoot(): boolean {
  return process.getuid?.() === 0;
}
