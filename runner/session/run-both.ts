import { decodeFrame, type PacketsFrame, type TerminalFrame } from '../../protocol/frame.ts';
import { RUN_HOSTS, type RunHost } from '../../protocol/manifest.ts';
import type { FromPage, FromRunner } from '../../protocol/message.ts';
import { openSession, type SessionWorld } from './session.ts';

/** What to run: a snippet, or the clients and servers of two of them. */
export type BothRuns = {
  client: string;
  server: string;
  /** Edited files by name, given to the host whose program has them. */
  files: Record<string, string>;
  columns: number;
  rows: number;
};

export type BothListener = {
  event(event: FromRunner): void;
  output(host: RunHost, frame: TerminalFrame): void;
  /** Who has this wants the packets of the client; the last ones come before `runBoth` resolves. */
  packets?(frame: PacketsFrame): void;
  /** Whether it wants the output of `ss` and `ip mptcp` too. */
  wantsToolTexts?: boolean;
};

/** The number of each host's run, as the messages have it. */
export const RUN_OF: Record<RunHost, number> = { server: 1, client: 2 };

/** Takes the part of a page, without one: a session, a server's run and a client's run. Resolves once both have ended. */
export async function runBoth(
  world: SessionWorld,
  { client, server, files, columns, rows }: BothRuns,
  on: BothListener,
): Promise<void> {
  const ended = new Set<RunHost>();
  const done = Promise.withResolvers<void>();
  const takenInBytes: Record<RunHost, number> = { client: 0, server: 0 };

  const session = openSession(world, {
    resume: null,
    isThere: () => true,
    sendEvent(event) {
      on.event(event);
      if (event.type === 'run-ended' && ended.add(event.host).size === RUN_HOSTS.length) done.resolve();
    },
    sendFrame(encoded) {
      const frame = decodeFrame(encoded);
      if (frame?.kind === 'packets') return on.packets?.(frame);
      const host = RUN_HOSTS.find((candidate) => RUN_OF[candidate] === frame?.run);
      if (frame === null || host === undefined) return;
      on.output(host, frame);
      takenInBytes[host] += frame.bytes.length;
      const bytes = takenInBytes[host];
      // After this turn: the runner counts what it sent before it takes the receipt.
      setImmediate(() => say({ type: 'acknowledge', run: frame.run, bytes }));
    },
  });
  const say = (message: FromPage) => session.receiveText(JSON.stringify(message));
  const filesFor = (snippet: string, host: RunHost) => {
    const names = world.snippets.find(({ id }) => id === snippet)?.manifest.programs[host].files ?? [];
    return Object.fromEntries(Object.entries(files).filter(([name]) => names.includes(name)));
  };
  if (on.wantsToolTexts) say({ type: 'tool-texts', wanted: true });
  if (on.packets !== undefined) say({ type: 'packets', wanted: true });
  for (const [host, snippet] of [
    ['server', server],
    ['client', client],
  ] as const) {
    say({ type: 'run', run: RUN_OF[host], snippet, host, files: filesFor(snippet, host), columns, rows });
  }
  await done.promise;
  await session.close('session-closed');
}
