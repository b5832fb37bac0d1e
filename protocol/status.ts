import type { DeviceState } from './device.ts';

/** How far the image is. `percent` is of the whole build, 0 to 100. */
export type ImageState =
  | { state: 'absent' }
  | { state: 'building'; phase: string; percent: number }
  | { state: 'ready'; recipe: string }
  | { state: 'failed'; message: string };

/** Whether labs are for everybody, or for those who have a join code; `joined` when the asking browser has been let in. */
export type JoinState = 'open' | 'code-wanted' | 'joined';

/** The body of `GET /api/status`. */
export type Status = {
  version: string;
  protocol: string;
  kernel: { release: string; mptcp: boolean; netem: boolean | null };
  image: ImageState;
  join: JoinState;
  /** Whether it takes no new sessions, since it is about to end. */
  draining: boolean;
  labs: { open: number; capacity: number; queued: number };
  snippets: string[];
  /** Of these, the ones that the image has no compiler or interpreter for. */
  leftOut: string[];
  devices: DeviceState;
};
