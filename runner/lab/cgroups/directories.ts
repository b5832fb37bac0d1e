/** What bounds a run. cgroup v1 counts CPU time by a controller of its own; in v2 it is part of `cpu`. */
export const CONTROLLERS = ['memory', 'pids', 'cpu', 'cpuacct'] as const;
export type Controller = (typeof CONTROLLERS)[number];

/** Where this process's own control groups are (cgroups(7)): one directory for each controller in v1, one for all in v2. */
export type OwnGroups = { version: 1; directories: Partial<Record<Controller, string>> } | { version: 2; directory: string };

/**
 * @param mountinfo of /proc/self/mountinfo (proc_pid_mountinfo(5))
 * @param ownPaths of /proc/self/cgroup
 * @returns `null` where no control group that can be used is mounted. On a machine with both, v1 has the controllers.
 */
export function ownGroups(mountinfo: string, ownPaths: string): OwnGroups | null {
  const paths = new Map<string, string>();
  for (const line of ownPaths.split('\n')) {
    const [, controllers, path] = /^\d+:([^:]*):(.*)$/.exec(line) ?? [];
    if (controllers === undefined || path === undefined) continue;
    for (const controller of controllers.split(',')) paths.set(controller, path);
  }
  const mounts = mountinfo.split('\n').flatMap((line) => {
    const [, root, mountPoint, type, options] = MOUNT.exec(line) ?? [];
    if (root === undefined || mountPoint === undefined || type === undefined || options === undefined) return [];
    return [{ root, mountPoint, type, options: options.split(',') }];
  });

  const directories: Partial<Record<Controller, string>> = {};
  for (const controller of CONTROLLERS) {
    const mount = mounts.find(({ type, options }) => type === 'cgroup' && options.includes(controller));
    const path = paths.get(controller);
    if (mount !== undefined && path !== undefined) directories[controller] = directoryOf(mount, path);
  }
  if (Object.keys(directories).length > 0) return { version: 1, directories };
  const unified = mounts.find(({ type }) => type === 'cgroup2');
  const path = paths.get('');
  return unified === undefined || path === undefined ? null : { version: 2, directory: directoryOf(unified, path) };
}

/** ID PARENT MAJOR:MINOR ROOT MOUNT-POINT OPTIONS [TAG...] - TYPE SOURCE SUPER-OPTIONS */
const MOUNT = /^\d+ \d+ \S+ (\S+) (\S+) .* - (\S+) \S+ (\S+)$/;

/** A container may see a part of the tree: what is mounted begins at `root`. */
function directoryOf({ root, mountPoint }: { root: string; mountPoint: string }, path: string): string {
  const inMount = root !== '/' && path.startsWith(root) ? path.slice(root.length) : path;
  return `${mountPoint}${inMount === '/' ? '' : inMount}`;
}
