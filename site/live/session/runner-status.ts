import type { Status } from '../../../protocol/status.ts';
import { runnerUrl } from './session-url.ts';

/** Of what a runner says of itself, what a page without a session wants to know. */
export type RunnerStatus = Pick<Status, 'protocol' | 'join' | 'draining'>;

/** Null where nothing answers as a runner does, as behind a static host. */
export async function fetchRunnerStatus(base: string): Promise<RunnerStatus | null> {
  try {
    return readStatus(await (await fetch(runnerUrl('api/status', base, location.href))).json());
  } catch {
    return null;
  }
}

/** A runner that is older, and knows no join code, is open to all. */
export function readStatus(status: unknown): RunnerStatus | null {
  if (typeof status !== 'object' || status === null || !('protocol' in status) || typeof status.protocol !== 'string')
    return null;
  const join = 'join' in status && (status.join === 'code-wanted' || status.join === 'joined') ? status.join : 'open';
  return { protocol: status.protocol, join, draining: 'draining' in status && status.draining === true };
}
