import { readdirSync, readlinkSync, statSync } from 'node:fs';
import type { HostName } from '../../protocol/topology.ts';

/**
 * Directories of /proc of all processes on a host of a lab.
 *
 * @param holderPid the lab's holder, whose pid namespace has all of the lab's processes
 */
export function processesOfHost(holderPid: number, host: HostName): string[] {
  const root = `/proc/${holderPid}/root`;
  const namespace = `net:[${statSync(`${root}/run/netns/${host}`).ino}]`;
  return readdirSync(`${root}/proc`)
    .filter((name) => /^\d+$/.test(name))
    .map((pid) => `${root}/proc/${pid}`)
    .filter((directory) => ifAlive(() => readlinkSync(`${directory}/ns/net`)) === namespace);
}

/** `null` for a process that has just ended. */
export function ifAlive<Value>(look: () => Value): Value | null {
  try {
    return look();
  } catch {
    return null;
  }
}
