import { RUNNER_TIMING } from '../../../protocol/version.ts';
import { runnerUrl } from './session-url.ts';

/**
 * The snippets that the runner behind this page has no image for. Null without a runner, which is known from how the page
 * came: a static host is asked for nothing that it does not have.
 */
export async function leftOutHere(base: string): Promise<string[] | null> {
  if (!isFromRunner()) return null;
  const status: unknown = await (await fetch(runnerUrl('api/status', base, location.href))).json();
  if (typeof status !== 'object' || status === null || !('leftOut' in status) || !Array.isArray(status.leftOut)) return null;
  return status.leftOut.filter((id): id is string => typeof id === 'string');
}

function isFromRunner(): boolean {
  const [navigation] = performance.getEntriesByType('navigation');
  return navigation instanceof PerformanceNavigationTiming && navigation.serverTiming.some(({ name }) => name === RUNNER_TIMING);
}
