import { debianArchitecture, isForeign } from './architecture.ts';
import { CUSTOMIZE_SCRIPT, type Recipe } from './recipe.ts';

/** Whose rights the build has: root's own, or those of a user who is root in a user namespace (subuid(5)). */
export type Privilege = 'root' | 'user';

/** Absolute paths of one build. `downloads` outlives it. */
export type BuildPaths = { downloads: string; tar: string };

/**
 * Runs a command as root in mount and pid namespaces of its own that end with the process which started it, even by SIGKILL:
 * then nothing stays mounted and nothing goes on. A user's namespace maps root to the user and the rest to the user's
 * subordinate ids (unshare(1), util-linux 2.38).
 */
export function inNamespaces(privilege: Privilege, command: string[]): string[] {
  const user = privilege === 'user' ? ['--map-root-user', '--map-auto'] : [];
  const namespaces = [...user, '--mount', '--pid', '--fork', '--kill-child', '--mount-proc'];
  return ['setpriv', '--pdeathsig', 'KILL', 'unshare', ...namespaces, '--', ...command];
}

/**
 * mmdebstrap(1) making a tar of the recipe's root filesystem. No mirror is named: Debian's own, with security and updates.
 * The folder of downloads is mounted where apt keeps its packages, so whatever was downloaded whole survives an
 * interruption, and of the package under way apt continues with the missing bytes.
 */
export function mmdebstrapArguments(recipe: Recipe, paths: BuildPaths): string[] {
  return [
    'mmdebstrap',
    '--mode=root',
    '--variant=essential',
    '--format=tar',
    '--verbose',
    ...forArchitecture(),
    `--include=${recipe.packages.join(',')}`,
    ...recipe.dpkgOptions.map((option) => `--dpkgopt=${option}`),
    // Without it a user's downloads would belong to a subordinate uid, and the user could not remove them.
    '--aptopt=APT::Sandbox::User "root"',
    '--aptopt=Acquire::Retries "3"',
    '--skip=download/empty',
    '--skip=essential/unlink',
    `--setup-hook=${mountDownloads(paths.downloads)}`,
    // Java's installation makes links among the manuals, which are left out.
    '--essential-hook=mkdir -p "$1/usr/share/man/man1"',
    `--customize-hook=sh ${quote(CUSTOMIZE_SCRIPT)} "$1"`,
    recipe.suite,
    paths.tar,
  ];
}

/** Of another processor; its programs are executed by emulation.ts, which mmdebstrap cannot see from outside. */
export function forArchitecture(): string[] {
  return isForeign() ? [`--architectures=${debianArchitecture()}`, '--skip=check/qemu'] : [];
}

function mountDownloads(downloads: string): string {
  return `mkdir -p "$1/var/cache/apt/archives" && mount --bind ${quote(downloads)} "$1/var/cache/apt/archives"`;
}

/** For sh(1): single quotes around it, those inside it escaped. */
function quote(text: string): string {
  return `'${text.replaceAll("'", "'\\''")}'`;
}
