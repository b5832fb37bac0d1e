import { execute } from '../../deploy/execute.ts';
import { inNamespaces } from '../../image/mmdebstrap.ts';
import { readRecipe } from '../../image/recipe.ts';
import { type OwnMachine, startOwnMachine } from './own-machine.ts';

/** A Docker engine of the test's own, from Debian's packages, on a machine of its own that has Podman too. */
export type Engine = OwnMachine;

const PACKAGES = [
  'docker.io',
  'docker-cli',
  'docker-compose',
  'iptables',
  'iproute2',
  'mount',
  'curl',
  'podman',
  'catatonit',
  'nftables',
];

export function startEngine(): Promise<Engine> {
  return startOwnMachine({
    name: 'engine',
    fill: makeRoot,
    argv: (cgroup) => ['dockerd', '--cgroup-parent', cgroup, '--exec-opt', 'native.cgroupdriver=cgroupfs'],
    ready: 'API listen on',
    programs: ['docker', 'podman', 'curl'],
  });
}

async function makeRoot(root: string, scratch: string): Promise<void> {
  const options = ['--mode=root', '--variant=essential', '--format=directory', `--include=${PACKAGES.join(',')}`];
  const without = ['doc', 'man', 'locale'].map((name) => `--dpkgopt=path-exclude=/usr/share/${name}/*`);
  const environment = ['env', `TMPDIR=${scratch}`];
  await execute(inNamespaces('root', [...environment, 'mmdebstrap', ...options, ...without, readRecipe().suite, root]));
}
