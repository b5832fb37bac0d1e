import type { RunHost } from '../../protocol/manifest.ts';
import type { HostName } from '../../protocol/topology.ts';
import { devicesAt } from '../execute/devices.ts';
import { type Limits, SHELL_PROCESSES } from './limits.ts';

/** The only directories that a program can write to. They and nothing else bound its files. */
export type WritableDirs = { home: string; tmp: string; shm: string; run: string };

/** Where the sandbox, which is started inside a lab, finds what it shows to the program. */
export type SandboxPlaces = {
  image: string;
  workDir: WritableDirs;
  cache?: string | undefined;
  /** An open descriptor of the system call filter (see seccomp/filter.ts). */
  filterFd?: number;
  /** An open descriptor that can be read from once the program may start. */
  startFd?: number | undefined;
  /** A folder of devices that was made ahead, with an empty `pts`; without it each sandbox makes its own. */
  devices?: string;
  /** Path of begin-program as the sandbox sees it (see begin-program.c). */
  beginProgram: string;
};

/** A program runs as this user and group, in its own user namespace. */
const SANDBOX_UID = '1000';

/**
 * The bubblewrap command around a program: own user, pid, ipc, uts and cgroup namespaces, no capability, no further
 * user namespaces, the image read-only, a bounded place to write to. It keeps the network namespace of its lab host.
 * No new session: the terminal is the program's own, so that Ctrl+C and job control work.
 */
export function sandboxCommand(
  program: string[],
  host: RunHost,
  places: SandboxPlaces,
  limits: Limits,
  environment: Record<string, string> = {},
): string[] {
  return [
    'bwrap',
    ...['--unshare-user', '--uid', SANDBOX_UID, '--gid', SANDBOX_UID, '--disable-userns', '--cap-drop', 'ALL'],
    ...surroundings(host, places, HOME),
    ...withEnvironment({ ...ENVIRONMENT, ...environment }),
    ...[places.beginProgram, ...limitsOf(limits, limits.processes), '--', ...program],
  ];
}

/**
 * The bubblewrap command around a shell of a host's administrator: as above, but root of its lab's own user namespace, with the
 * two capabilities that ip(8), sysctl(8) and tcpdump(8) want there (capabilities(7)) and none besides. They hold for the
 * network namespaces of this lab and for nothing else. bubblewrap sets no_new_privs: no program in it gets more of them.
 * `net.*` of the host can be written to; what else is in /proc/sys belongs to the machine.
 */
export function shellCommand(program: string[], host: HostName, places: SandboxPlaces, limits: Limits): string[] {
  return [
    'bwrap',
    ...['--cap-drop', 'ALL', '--cap-add', 'CAP_NET_ADMIN', '--cap-add', 'CAP_NET_RAW'],
    ...surroundings(host, places, ROOT_HOME),
    ...['--bind', '/proc/sys/net', '/proc/sys/net'],
    ...withEnvironment({ ...ENVIRONMENT, HOME: ROOT_HOME, USER: 'root' }),
    ...[places.beginProgram, ...limitsOf(limits, SHELL_PROCESSES), '--', ...program],
  ];
}

function surroundings(host: HostName, places: SandboxPlaces, home: string): string[] {
  return [
    ...['--unshare-pid', '--unshare-ipc', '--unshare-uts', '--unshare-cgroup-try', '--die-with-parent', '--hostname', host],
    ...['--ro-bind', places.image, '/', '--proc', '/proc', '--ro-bind', '/dev/null', '/proc/cmdline'],
    ...(places.devices === undefined ? devicesAt('/dev') : ['--dev-bind', places.devices, '/dev']),
    ...['--bind', places.workDir.shm, '/dev/shm', '--remount-ro', '/dev'],
    ...['--bind', places.workDir.tmp, '/tmp', '--bind', places.workDir.run, '/run'],
    ...(places.cache === undefined ? [] : ['--ro-bind', places.cache, CACHE]),
    ...(places.filterFd === undefined ? [] : ['--seccomp', String(places.filterFd)]),
    ...(places.startFd === undefined ? [] : ['--block-fd', String(places.startFd)]),
    ...['--bind', places.workDir.home, home, '--chdir', home],
  ];
}

function withEnvironment(environment: Record<string, string>): string[] {
  return ['--clearenv', ...Object.entries(environment).flatMap(([name, value]) => ['--setenv', name, value])];
}

const HOME = '/home/u';
const ROOT_HOME = '/root';
/** What was compiled ahead for the language; an empty folder of the image else. */
const CACHE = '/work';

const ENVIRONMENT = {
  PATH: '/usr/local/bin:/usr/bin:/usr/sbin',
  HOME,
  USER: 'u',
  TERM: 'xterm-256color',
  LANG: 'C.UTF-8',
  // A program's output is seen as it is made, also where it is not a terminal's.
  PYTHONUNBUFFERED: '1',
};

/** Signals and timers, which take kernel memory (RLIMIT_SIGPENDING). */
const MAX_QUEUED_SIGNALS = 1024;

/** Inside the sandbox, so that the count of processes is that of its own user namespace; shells share that of their lab. */
function limitsOf(limits: Limits, processes: number): string[] {
  return [
    `nproc=${processes}`,
    `nofile=${limits.openFiles}`,
    `fsize=${limits.fileBytes}`,
    `data=${2 * limits.memoryBytes}`,
    `sigpending=${MAX_QUEUED_SIGNALS}`,
    // At the soft limit the kernel sends SIGXCPU, which names the cause; at the hard one, SIGKILL (setrlimit(2)).
    `cpu=${limits.cpuSeconds}:${limits.cpuSeconds + 2}`,
  ];
}
