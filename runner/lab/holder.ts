import { devicesAt } from '../execute/devices.ts';

/** What a lab is held by: one process, PID 1 of its own user, pid, mount and network namespaces. */
export type HolderPlaces = {
  /** Root filesystem for everything in the lab, read-only. */
  imageRoot: string;
  /** The project's own small programs, compiled for the image. */
  toolsDir: string;
  /** Which of them is the lab's shell (see lab-shell.c). */
  shell: string;
  /** What was compiled ahead for languages, a folder each. */
  cachesDir: string;
  /** Build results of unchanged snippets, a folder each. */
  buildsDir: string;
  /** The uid that owns the lab on the machine; `null` keeps the runner's own. */
  uid: number | null;
};

/** Inside a lab: where programs find their image and their files. */
export const LAB_IMAGE = '/lab/image';
export const LAB_TOOLS = '/lab/tools';
export const LAB_CACHES = '/lab/caches';
export const LAB_BUILDS = '/lab/builds';
export const LAB_WORK = '/lab/work';
/** Of all sandboxes of a lab: they cannot write there, and making devices takes a sandbox a fifth of its start. */
export const LAB_DEVICES = '/lab/dev';
/** The system call filters of programs and of shells. */
export const LAB_FILTER = '/lab/filter';
export const LAB_SHELL_FILTER = '/lab/shell-filter';

/** Inherited file descriptors of the holder, beside 0 to 2. */
export const HOLDER_FDS = { clientEvents: 3, serverEvents: 4, info: 5 } as const;

/**
 * The argument vector of a lab's holder. Everything in the lab hangs from it: the kernel ends it when the runner
 * dies (`--die-with-parent`), and with it, as PID 1 of their namespace, all other processes, mounts and hosts.
 */
export function holderCommand({ imageRoot, toolsDir, shell, cachesDir, buildsDir, uid }: HolderPlaces): string[] {
  return [
    ...asUid(uid),
    'bwrap',
    ...['--unshare-user', '--uid', '0', '--gid', '0', '--cap-add', 'ALL'],
    ...['--unshare-pid', '--as-pid-1', '--die-with-parent', '--unshare-net', '--unshare-ipc', '--unshare-uts'],
    ...['--hostname', 'lab', '--info-fd', String(HOLDER_FDS.info)],
    ...['--ro-bind', imageRoot, '/', '--proc', '/proc', '--dev', '/dev', '--tmpfs', '/run', '--tmpfs', '/tmp'],
    ...['--tmpfs', '/lab', '--ro-bind', imageRoot, LAB_IMAGE, '--ro-bind', toolsDir, LAB_TOOLS],
    ...['--ro-bind-try', cachesDir, LAB_CACHES, '--ro-bind-try', buildsDir, LAB_BUILDS],
    ...devicesAt(LAB_DEVICES),
    ...['--dir', LAB_WORK, '--chdir', '/'],
    `${LAB_TOOLS}/${shell}`,
  ];
}

/** Started as root, the runner gives each lab a uid of its own: root makes nothing inside a lab. */
export function asUid(uid: number | null): string[] {
  return uid === null ? [] : ['setpriv', `--reuid=${uid}`, `--regid=${uid}`, '--clear-groups'];
}
