/** What the device service is made of. */
export type DeviceServicePlan = {
  /** Compiled device-listen.c and device-service.c. */
  listenProgram: string;
  serveProgram: string;
  /** The uid of both on the machine; `null` keeps the runner's own. */
  uid: number | null;
  /** Of this machine, or `*`. */
  address: string;
  helloPort: number;
  httpPort: number;
};

/** The descriptor from which the sandbox reads the system call filter; those below it are of the two programs. */
export const FILTER_FD = 6;

/**
 * The argument vector of the device service. The first program opens the listeners on the machine's network and becomes
 * the sandbox around the second, which has nothing: no network of its own, no file but itself, no other process, no
 * capability, and only the system calls of a learner's program. The kernel ends it with the runner (`--die-with-parent`).
 */
export function deviceServiceCommand(plan: DeviceServicePlan): string[] {
  const { uid } = plan;
  return [
    ...(uid === null ? [] : ['setpriv', `--reuid=${uid}`, `--regid=${uid}`, '--clear-groups']),
    ...[plan.listenProgram, plan.address, String(plan.helloPort), String(plan.httpPort)],
    ...['bwrap', '--unshare-user', '--uid', '1000', '--gid', '1000', '--disable-userns', '--cap-drop', 'ALL'],
    ...['--unshare-net', '--unshare-pid', '--unshare-ipc', '--unshare-uts', '--unshare-cgroup-try', '--die-with-parent'],
    ...['--new-session', '--hostname', 'devices', '--clearenv'],
    ...['--seccomp', String(FILTER_FD)],
    ...['--ro-bind', plan.serveProgram, PROGRAM, '--remount-ro', '/', PROGRAM],
  ];
}

const PROGRAM = '/device-service';
