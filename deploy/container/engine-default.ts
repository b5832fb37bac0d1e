import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { privilege } from '../../image/build.ts';
import { inNamespaces } from '../../image/mmdebstrap.ts';
import { readRecipe } from '../../image/recipe.ts';
import { execute } from '../execute.ts';

/** Debian's package of the engine's sources, where the default is a file; the engine itself has it compiled in. */
const PACKAGE = 'golang-github-docker-docker-dev';
const FILE = 'usr/share/gocode/src/github.com/docker/docker/profiles/seccomp/default.json';

/** The default seccomp profile of Docker in the suite that the image is made of, with signatures checked as for the image. */
export async function engineDefault(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'hello-mptcp-seccomp-'));
  try {
    const fetch = `cd ${folder} && APT_CONFIG="$MMDEBSTRAP_APT_CONFIG" apt-get download ${PACKAGE} && dpkg-deb -x *.deb .`;
    const options = ['--mode=root', '--variant=custom', '--format=null', '--aptopt=APT::Sandbox::User "root"'];
    const command = ['mmdebstrap', ...options, `--customize-hook=${fetch}`, readRecipe().suite, '/dev/null'];
    await execute(inNamespaces(privilege, command));
    return await readFile(join(folder, FILE), 'utf8');
  } finally {
    await rm(folder, { recursive: true });
  }
}
