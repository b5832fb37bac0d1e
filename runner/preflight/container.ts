import { readFileSync } from 'node:fs';

/** What a container engine put around this process, beside namespaces. */
export type Confinement = {
  /** A filter of system calls is in force (proc_pid_status(5), Seccomp). */
  filter: boolean;
  /** Parts of /proc are mounted over: the kernel then refuses a new /proc in a user namespace (mount_too_revealing in fs/namespace.c). */
  maskedProc: boolean;
  /** The AppArmor profile that this process is confined by; `null` without one. */
  profile: string | null;
};

/**
 * The option of a container that is missing, when something failed for want of it: a sentence with the option by name.
 * `null` where no container is the reason.
 *
 * @param said by the command that failed
 */
export function missingOption(said: string, { filter, maskedProc, profile }: Confinement): string | null {
  if (maskedProc && /mount proc|mounting proc/i.test(said)) {
    return 'Parts of /proc are masked in this container: start it with "--security-opt systempaths=unconfined" (podman: "--security-opt unmask=ALL"; Kubernetes: "procMount: Unmasked").';
  }
  if (profile !== null && /Permission denied/.test(said)) {
    return `The AppArmor profile ${profile} forbids it: start the container with "--security-opt apparmor=unconfined".`;
  }
  if (filter && /Operation not permitted|Function not implemented/.test(said)) {
    return 'The system call filter of this container forbids it: start it with "--security-opt seccomp=deploy/container/seccomp.json", a file that "npm run container" makes.';
  }
  return null;
}

export function readConfinement(): Confinement {
  return {
    filter: /^Seccomp:\s+2$/m.test(text('/proc/self/status')),
    maskedProc: hasMasks(text('/proc/self/mountinfo')),
    profile: confiningProfile(text('/proc/self/attr/current')),
  };
}

/** Whether anything is mounted below /proc (proc_pid_mountinfo(5), the fifth field), but for binfmt_misc. */
export function hasMasks(mountinfo: string): boolean {
  const places = mountinfo.split('\n').map((line) => line.split(' ')[4] ?? '');
  return places.some((place) => place.startsWith('/proc/') && !place.startsWith('/proc/sys/fs/'));
}

/** `docker-default (enforce)` -> `docker-default`. */
export function confiningProfile(current: string): string | null {
  return /^(\S+) \(enforce\)/.exec(current)?.[1] ?? null;
}

/** '' for a file that is not there: without AppArmor it cannot be read. */
function text(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return '';
  }
}
