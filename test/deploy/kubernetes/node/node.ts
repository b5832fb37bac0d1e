import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createReadStream, readdirSync, readFileSync } from 'node:fs';
import { copyFile, mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { execute } from '../../../../deploy/execute.ts';
import { type OwnMachine, startOwnMachine } from '../../own-machine.ts';
import { configureNode } from './configuration.ts';

export type NodeParts = {
  /** A tar of the root filesystem. */
  root: string;
  /** A folder with the programs of Kubernetes. */
  programs: string;
  seccomp: string;
};

/** Kubernetes on one node, once its API answers. `kubectl` and `ctr` can be called. */
export function startNode({ root, programs, seccomp }: NodeParts): Promise<OwnMachine> {
  return startOwnMachine({
    name: 'node',
    async fill(folder, _scratch, cgroup) {
      await mkdir(folder);
      await execute(['tar', '-x', '-f', root, '-C', folder]);
      for (const name of readdirSync(programs)) await copyFile(join(programs, name), join(folder, 'usr/local/bin', name));
      configureNode(folder, cgroup, seccomp);
    },
    argv: (cgroup) => ['sh', join(import.meta.dirname, 'node.sh'), cgroup],
    ready: 'Kubernetes answers',
    programs: ['kubectl', 'ctr'],
  });
}

/** Gives the images of an archive to containerd, in the namespace of the kubelet. */
export async function loadImages({ commands }: OwnMachine, archive: string): Promise<void> {
  const load = spawn(join(commands, 'ctr'), ['--namespace', 'k8s.io', 'images', 'import', '-'], {
    cwd: '/',
    stdio: ['pipe', 'ignore', 'inherit'],
  });
  createReadStream(archive).pipe(load.stdin);
  const [code] = await once(load, 'close');
  if (code !== 0) throw new Error(`ctr images import ended with exit code ${code}`);
}

/** The last lines that each daemon logged, for whoever has to find out why something failed. */
export function logsOf({ root }: OwnMachine, lines = 15): string {
  const folder = join(root, 'var/log');
  return readdirSync(folder)
    .filter((name) => name.endsWith('.log'))
    .map((name) => `== ${name}\n${readFileSync(join(folder, name), 'utf8').trimEnd().split('\n').slice(-lines).join('\n')}`)
    .join('\n');
}
