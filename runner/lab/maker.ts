import { randomBytes } from 'node:crypto';
import { statSync } from 'node:fs';
import type { Unavailable } from '../../protocol/conditions.ts';
import { HOME_TOPOLOGY } from '../../protocol/topology.ts';
import { probeAbilities } from './abilities.ts';
import { setuidBwrap } from './bubblewrap.ts';
import { WORK_BYTES } from './disk.ts';
import type { HolderPlaces } from './holder.ts';
import { type Lab, type LabBounds, openLab } from './lab.ts';

/** Where a lab finds its image and its tools (see imagePlaces in image/location.ts). */
type LabPlaces = Omit<HolderPlaces, 'uid'> & { enterLab: string };

const UNBOUNDED: LabBounds = { memoryBytes: Number.POSITIVE_INFINITY, cgroups: null };

/** A lab is made in a tenth of a second. */
const COMMAND_TIMEOUT_MS = 20_000;

/** Far from the uids of people, services and the usual containers (systemd's uids-gids overview ends below it). */
const FIRST_LAB_UID = 1_900_000_000;
const UIDS_PER_RUNNER = 2_000;
/** 50,000 runners' worth of uids stay below 2^31. */
const RUNNER_SLOTS = 50_000;
/** Numbers of namespaces follow each other, and ids of first processes are small: neighbours end up far apart. */
const NAMESPACE_STRIDE = 7_919;

/**
 * Runners that see each other's processes have different ids. Those of two containers may have the same one: there the number
 * of the process namespace, which is one of the kernel's own, sets them apart.
 */
export function runnerSlot(pid = process.pid, namespace = statSync('/proc/self/ns/pid').ino): number {
  return (pid + namespace * NAMESPACE_STRIDE) % RUNNER_SLOTS;
}

/** Makes labs of the home topology, each with a name and, under root, a uid of its own. */
export type LabMaker = {
  make(): Promise<Lab>;
  /** Whether this kernel has netem(8); `null` until a lab was there to try it in. */
  netem(): boolean | null;
};

export function labMaker(places: LabPlaces, bounds = UNBOUNDED, commandTimeoutMs = COMMAND_TIMEOUT_MS): LabMaker {
  const root = process.getuid?.() === 0;
  const firstUid = FIRST_LAB_UID + runnerSlot() * UIDS_PER_RUNNER;
  let made = 0;
  let unavailable: Unavailable | null = null;

  const open = (lacking: Unavailable) => {
    const setuid = setuidBwrap();
    if (setuid !== null)
      throw new Error(`${setuid} is setuid root, and a fault in it would be one of root: "chmod u-s ${setuid}"`);
    return openLab({
      ...places,
      id: randomBytes(4).toString('hex'),
      topology: HOME_TOPOLOGY,
      unavailable: lacking,
      bounds,
      uid: root ? firstUid + (made++ % UIDS_PER_RUNNER) : null,
      workBytes: WORK_BYTES,
      commandTimeoutMs,
    });
  };

  return {
    netem: () => (unavailable === null ? null : unavailable['link-delay'] === undefined),
    async make() {
      if (unavailable !== null) return open(unavailable);
      const lab = await open({ 'link-delay': 'Not tried yet.' });
      unavailable = await probeAbilities(lab.shell);
      // Its links have no delay, and its conditions are not told what is unavailable.
      await lab.close();
      return open(unavailable);
    },
  };
}
