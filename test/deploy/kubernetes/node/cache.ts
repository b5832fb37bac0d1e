import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync } from 'node:fs';
import { mkdir, rename, rm } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { execute } from '../../../../deploy/execute.ts';
import { imageDir } from '../../../../image/location.ts';
import { lockFile } from '../../../../image/lock.ts';
import { inNamespaces } from '../../../../image/mmdebstrap.ts';
import { showElapsed } from '../../../../setup/elapsed.mjs';

/**
 * What takes minutes and stays between two runs, beside the folder of images:
 *
 *   /var/lib/hello-mptcp/kubernetes/bin-<hash>/        kubelet and the others, compiled from Debian's source package
 *   /var/lib/hello-mptcp/kubernetes/root-<hash>.tar    Debian 12 with etcd, containerd and what they need
 *   /var/lib/hello-mptcp/kubernetes/image/             the small image of programs, with C and Python
 */
export const CACHE = join(dirname(imageDir()), 'kubernetes');

/** The last one with a source package of all of Kubernetes. */
const SUITE = 'bookworm';
const COMPILERS = ['golang-go', 'gcc', 'libc6-dev', 'dpkg-dev', 'make', 'patch', 'rsync', 'jq'];
const PROGRAMS = [
  'etcd-server',
  'containerd',
  'runc',
  'containernetworking-plugins',
  'iptables',
  'iproute2',
  'mount',
  'conntrack',
];
const WITHOUT = ['doc', 'man', 'locale'].map((name) => `--dpkgopt=path-exclude=/usr/share/${name}/*`);
const COMPILE = join(import.meta.dirname, 'compile.sh');

/** The programs of Kubernetes and of its pause container. Compiles them when they are not there: minutes of all cores. */
export function kubernetesPrograms(): Promise<string> {
  const hash = hashOf([SUITE, COMPILERS, readFileSync(COMPILE, 'utf8')]);
  return cached(`bin-${hash}`, 'Compiling Kubernetes', async (result, scratch) => {
    const source = join(scratch, 'source');
    mkdirSync(source);
    const hooks = [
      // No mirror is named: sources come from where packages come from.
      `--setup-hook=sed "s/^deb /deb-src /" "$1/etc/apt/sources.list" > "$1/etc/apt/sources.list.d/source.list"`,
      `--customize-hook=cd ${source} && APT_CONFIG="$MMDEBSTRAP_APT_CONFIG" apt-get source --download-only kubernetes`,
      `--customize-hook=cp -r ${source} "$1/src" && cp ${COMPILE} "$1/src/" && chroot "$1" sh /src/compile.sh`,
      `--customize-hook=cp -r "$1/out" ${result}`,
    ];
    const options = ['--format=null', `--include=${COMPILERS.join(',')}`, '--aptopt=APT::Sandbox::User "root"', ...hooks];
    await bootstrap(options, '/dev/null', scratch);
  });
}

/** A tar of the node's root filesystem. */
export function nodeRoot(): Promise<string> {
  return cached(`root-${hashOf([SUITE, PROGRAMS, WITHOUT])}.tar`, "Making the node's root filesystem", (result, scratch) =>
    bootstrap(['--format=tar', `--include=${PROGRAMS.join(',')}`], result, scratch),
  );
}

async function bootstrap(options: string[], target: string, scratch: string): Promise<void> {
  const argv = ['mmdebstrap', '--mode=root', '--variant=essential', ...WITHOUT, ...options, SUITE, target];
  await execute(inNamespaces('root', ['env', `TMPDIR=${scratch}`, ...argv]));
}

/** The path of what `make` leaves as its `result`, when it came to its end. */
async function cached(name: string, what: string, make: (result: string, scratch: string) => Promise<void>): Promise<string> {
  const path = join(CACHE, name);
  await mkdir(CACHE, { recursive: true });
  using _lock = await lockFile(join(CACHE, 'lock'));
  if (existsSync(path)) return path;
  const display = showElapsed(what);
  const scratch = `${path}.partial`;
  await rm(scratch, { recursive: true, force: true });
  await mkdir(scratch);
  await make(join(scratch, 'result'), scratch);
  await rename(join(scratch, 'result'), path);
  await rm(scratch, { recursive: true });
  display.end(`${what} is done`);
  return path;
}

function hashOf(decides: unknown): string {
  return createHash('sha256').update(JSON.stringify(decides)).digest('hex').slice(0, 16);
}
