import * as v from 'valibot';

/** A seccomp profile as container engines read it (moby, profiles/seccomp). Only what is changed here is described; the rest stays as it is. */
export type SeccompProfile = v.InferOutput<typeof profileSchema>;

const ruleSchema = v.looseObject({ names: v.array(v.string()), action: v.string() });
const profileSchema = v.looseObject({ defaultAction: v.string(), syscalls: v.array(ruleSchema) });

/** What the runner needs beyond an engine's default, which lets a container make no namespace. */
export const ADDITIONS: { names: string[]; why: string }[] = [
  { names: ['clone'], why: 'bwrap(1) starts a lab and each sandbox with it, in namespaces of their own.' },
  { names: ['unshare'], why: 'Hosts of a lab are network namespaces; a sandbox gives up its right to make more.' },
  { names: ['setns'], why: 'Programs are started on a host of a lab that is there already.' },
  { names: ['mount'], why: 'A sandbox sees the image read-only, its own /proc, and small tmpfs to write to.' },
  { names: ['umount2'], why: 'What is not for a sandbox is taken out of its sight.' },
  { names: ['sethostname'], why: 'Each host of a lab has its name, in a namespace of its own.' },
  { names: ['pivot_root'], why: 'The image becomes the root of a sandbox, so that no way leads back.' },
];

/**
 * Calls that do the same in another way. Where the default answers "not permitted", a program believes that and ends; told that
 * the kernel does not have them, the C library and mount(8) take the older calls, whose arguments a filter can see.
 */
export const ABSENT: { names: string[]; why: string } = {
  names: ['clone3', 'fsopen', 'fsmount', 'fsconfig', 'fspick', 'move_mount', 'open_tree', 'mount_setattr'],
  why: 'They count as calls that this kernel does not have: the older ones do the same.',
};

const ENOSYS = 38;

/**
 * The engine's default with the additions, and nothing else changed. None of it gives a capability: namespaces are made as an
 * ordinary user, in a user namespace, where the kernel lets ordinary users do so.
 *
 * @throws Error when the text is no profile, or does not forbid by default
 */
export function runnerProfile(engineDefault: string): SeccompProfile {
  const profile = v.parse(profileSchema, JSON.parse(engineDefault));
  if (profile.defaultAction !== 'SCMP_ACT_ERRNO') {
    throw new Error(`Expected a profile that forbids what it does not name (SCMP_ACT_ERRNO), found ${profile.defaultAction}`);
  }
  const changed = new Set([...ADDITIONS.flatMap(({ names }) => names), ...ABSENT.names]);
  const others = profile.syscalls
    .map((rule) => ({ ...rule, names: rule.names.filter((name) => !changed.has(name)) }))
    .filter(({ names }) => names.length > 0);
  return {
    ...profile,
    syscalls: [
      ...others,
      ...ADDITIONS.map(({ names, why }) => ({ names, action: 'SCMP_ACT_ALLOW', comment: why })),
      { names: ABSENT.names, action: 'SCMP_ACT_ERRNO', errnoRet: ENOSYS, comment: ABSENT.why },
    ],
  };
}
