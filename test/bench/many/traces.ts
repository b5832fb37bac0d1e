import { existsSync, readdirSync, readFileSync, readlinkSync } from 'node:fs';
import { join } from 'node:path';
import { ownGroups } from '../../../runner/lab/cgroups/directories.ts';
import { descendantsOf } from '../processes.ts';

/** What a runner holds of its machine, by counts. Once its sessions are closed they are what they were before. */
export type Traces = {
  /** Open files of the runner and of what it has started. */
  descriptors: number;
  processes: number;
  terminals: number;
  /** Of users, networks, mounts and processes, beside the machine's own. */
  namespaces: number;
  controlGroups: number;
};

export function tracesOf(runnerPid: number): Traces {
  const started = descendantsOf(runnerPid).map(({ pid }) => pid);
  const files = [runnerPid, ...started].flatMap((pid) => linksIn(`/proc/${pid}/fd`));
  return {
    descriptors: files.length,
    processes: started.length,
    terminals: files.filter((file) => file.endsWith('/ptmx')).length,
    namespaces: namespacesOf(runnerPid, started),
    controlGroups: controlGroupsOf(runnerPid),
  };
}

const KINDS = ['user', 'net', 'mnt', 'pid'];

function namespacesOf(runnerPid: number, started: number[]): number {
  const of = (pid: number) => KINDS.flatMap((kind) => linkAt(`/proc/${pid}/ns/${kind}`));
  const own = new Set(of(runnerPid));
  return new Set(started.flatMap(of).filter((namespace) => !own.has(namespace))).size;
}

/** Below the runner's own groups, which have its pid in their name. */
function controlGroupsOf(runnerPid: number): number {
  const own = ownGroups(readFileSync('/proc/self/mountinfo', 'utf8'), readFileSync(`/proc/${runnerPid}/cgroup`, 'utf8'));
  if (own === null) return 0;
  const parents = own.version === 1 ? Object.values(own.directories) : [own.directory];
  return parents
    .map((parent) => join(parent, `hello-mptcp-${runnerPid}-1`))
    .filter((top) => existsSync(top))
    .flatMap((top) => readdirSync(top, { withFileTypes: true }).filter((entry) => entry.isDirectory())).length;
}

function linksIn(directory: string): string[] {
  try {
    return readdirSync(directory).flatMap((name) => linkAt(join(directory, name)));
  } catch {
    return [];
  }
}

/** None for a process that has just ended. */
function linkAt(path: string): string[] {
  try {
    return [readlinkSync(path)];
  } catch {
    return [];
  }
}
