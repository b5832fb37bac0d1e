import { attempt, unprivileged } from './attempt.ts';
import { type Confinement, missingOption, readConfinement } from './container.ts';
import type { Finding } from './finding.ts';
import { readSetting } from './kernel.ts';

/** Each lab is a user namespace of its own (user_namespaces(7)). */
export async function userNamespaces(): Promise<Finding> {
  const base = { name: 'user-namespaces', title: 'User namespaces', necessary: true } as const;
  const tried = await attempt(unprivileged(['unshare', '--user', '--map-root-user', 'true']));
  switch (tried.kind) {
    case 'done':
      return { ...base, state: 'ok', found: 'An unprivileged user can make a user namespace.', remedy: null };
    case 'absent':
      return {
        ...base,
        state: 'missing',
        found: 'They could not be tried, because unshare or setpriv is missing.',
        remedy: 'Install util-linux: "sudo apt-get install util-linux".',
      };
    case 'failed':
      return {
        ...base,
        state: 'missing',
        found: `An unprivileged user cannot make a user namespace, and every lab is one: ${tried.output}`,
        remedy: namespaceRemedy(readSetting, tried.output, readConfinement()),
      };
  }
}

/** The setting that stands in the way, by what this kernel has; each distribution closes them by another. Else a container's option. */
export function namespaceRemedy(setting: (path: string) => string | null, said: string, confinement: Confinement): string {
  if (setting('kernel/apparmor_restrict_unprivileged_userns') === '1') {
    return '"sudo sysctl kernel.apparmor_restrict_unprivileged_userns=0" lifts the restriction of Ubuntu until the next boot.';
  }
  if (setting('kernel/unprivileged_userns_clone') === '0') {
    return '"sudo sysctl kernel.unprivileged_userns_clone=1" allows them until the next boot.';
  }
  if (setting('user/max_user_namespaces') === '0')
    return '"sudo sysctl user.max_user_namespaces=15000" allows them until the next boot.';
  return (
    missingOption(said, confinement) ??
    'In a container, start it with a seccomp profile that allows unshare, mount and pivot_root.'
  );
}
