import { statfsSync } from 'node:fs';
import type { HostName } from '../../protocol/topology.ts';
import type { Group } from './cgroups/cgroups.ts';
import { cpuSecondsOfHost } from './cpu-time.ts';
import { LAB_WORK } from './holder.ts';
import { memoryOfHost } from './memory.ts';

/** What the programs on one host have taken since the meter was made. */
export type Meter = {
  /**
   * The kernel has killed one for it, or, without a control group, all together have more than they may. `own`: they came to
   * their own limit; `all`: there was none left for them.
   */
  memoryUsedUp(): 'own' | 'all' | null;
  /** Whether the kernel refused one more process. */
  wasProcessRefused(): boolean;
  /** Of what the disk of the lab is full just now. */
  diskFullOf(): 'bytes' | 'files' | null;
  /** CPU time of all together; `null` without a control group that counts it. */
  cpuSeconds(): number | null;
  /** As `cpuSeconds`, but without a control group of those that are alive: what differs between two looks says who works. */
  usedSeconds(): number;
};

export function openMeter(plan: { group: Group | null; holderPid: number; host: HostName; memoryBytes: number }): Meter {
  const { group, holderPid, host, memoryBytes } = plan;
  const usedUp = group?.watchMemory?.() ?? null;
  const secondsBefore = group?.cpuSeconds() ?? 0;
  const refusedBefore = group?.refusedProcesses() ?? 0;
  group?.tend();
  return {
    wasProcessRefused: () => (group?.refusedProcesses() ?? 0) > refusedBefore,
    diskFullOf() {
      const { bavail, ffree } = statfsSync(`/proc/${holderPid}/root${LAB_WORK}`);
      if (ffree === 0) return 'files';
      return bavail === 0 ? 'bytes' : null;
    },
    memoryUsedUp() {
      group?.tend();
      if (usedUp !== null) return usedUp();
      return memoryOfHost(holderPid, host) > memoryBytes ? 'own' : null;
    },
    cpuSeconds() {
      const seconds = group?.cpuSeconds() ?? null;
      return seconds === null ? null : seconds - secondsBefore;
    },
    usedSeconds: () => group?.cpuSeconds() ?? cpuSecondsOfHost(holderPid, host),
  };
}
