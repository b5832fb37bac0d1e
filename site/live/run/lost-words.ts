import { PROTOCOL } from '../../../protocol/version.ts';
import { element } from '../element.ts';
import { runnerUrl } from '../session/session-url.ts';

type Sentence = (string | Node)[];

export const CONNECTION_LOST = 'The connection to the runner is lost, and what ran there is stopped. Run starts anew.';
export const NOT_UNDERSTOOD =
  'The runner said something that this page does not understand. It may be newer than the page: reload the page, and try again.';

/**
 * Why no session came up, and what to do. Asks the runner's status page, so as not to blame the wrong thing. `isRunner` is
 * false where nothing answers as a runner does, as behind a static host.
 */
export async function whyUnreachable(base: string): Promise<{ isRunner: boolean; sentence: Sentence }> {
  const protocol = await protocolOfRunner(runnerUrl('api/status', base, location.href));
  if (protocol === null) return { isRunner: false, sentence: noRunner() };
  const sentence =
    protocol === PROTOCOL
      ? 'The runner did not take the connection of this page. Open the page at the address that the runner printed, and try again.'
      : `This page speaks ${PROTOCOL}, the runner ${protocol}. Reload the page, and try again.`;
  return { isRunner: true, sentence: [sentence] };
}

function noRunner(): Sentence {
  const link = element('a', '', 'http://127.0.0.1:8262/');
  link.href = 'http://127.0.0.1:8262/';
  const command = element('code', '', 'npm start');
  return ['No runner behind this page. Clone the project and give ', command, ', then open ', link, '.'];
}

/** Null where nothing answers as a runner does, as behind a static host. */
async function protocolOfRunner(statusUrl: URL): Promise<string | null> {
  try {
    const status: unknown = await (await fetch(statusUrl)).json();
    if (typeof status !== 'object' || status === null || !('protocol' in status)) return null;
    return typeof status.protocol === 'string' ? status.protocol : null;
  } catch {
    return null;
  }
}
