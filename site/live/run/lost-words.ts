import { PROTOCOL } from '../../../protocol/version.ts';
import { element } from '../element.ts';
import { fetchRunnerStatus } from '../session/runner-status.ts';

type Sentence = (string | Node)[];

export const CONNECTION_LOST = 'The connection to the runner is lost, and what ran there is stopped. Run starts anew.';
export const GOING_AWAY =
  'This runner is about to end. What runs may go on for a little; your code stays on this page. Run again to go on elsewhere.';
export const TOO_MUCH_WAITS =
  'So much waits to be sent to the runner that what came last is not. Wait until the connection is there again, and repeat it.';
export const NOT_UNDERSTOOD =
  'The runner said something that this page does not understand. It may be newer than the page: reload the page, and try again.';

/** Why no session came up: nothing answers as a runner does, as behind a static host; or a runner does, and this is amiss. */
export type Unreachable = { kind: 'no-runner' | 'runner'; sentence: Sentence } | { kind: 'code-wanted' };

/** Asks the runner's status page, so as not to blame the wrong thing. */
export async function whyUnreachable(base: string): Promise<Unreachable> {
  const status = await fetchRunnerStatus(base);
  if (status === null) return { kind: 'no-runner', sentence: noRunner() };
  const { protocol, join, draining } = status;
  if (protocol !== PROTOCOL) {
    return {
      kind: 'runner',
      sentence: [`This page speaks ${PROTOCOL}, the runner ${protocol}. Reload the page, and try again.`],
    };
  }
  if (draining) return { kind: 'runner', sentence: [STILL_GOING_AWAY] };
  return join === 'code-wanted' ? { kind: 'code-wanted' } : { kind: 'runner', sentence: [NOT_TAKEN] };
}

const STILL_GOING_AWAY =
  'This runner is about to end, and takes no new runs. Your code stays on this page: Run again in a moment.';
const NOT_TAKEN =
  'The runner did not take the connection of this page. Open the page at the address that the runner printed, and try again.';

function noRunner(): Sentence {
  const link = element('a', '', 'http://127.0.0.1:8262/');
  link.href = 'http://127.0.0.1:8262/';
  const command = element('code', '', 'npm start');
  return ['No runner behind this page. Clone the project and give ', command, ', then open ', link, '.'];
}
