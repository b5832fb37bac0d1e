import type { TerminalFrame } from '../../../protocol/frame.ts';
import { hostOf, type TerminalName } from '../../../protocol/lesson/lesson.ts';
import type { FromRunner } from '../../../protocol/message.ts';
import type { Session } from '../session/session.ts';
import { openShellPane, type ShellPane } from './shell-pane.ts';

/** The shells of a lab in the page, each in its place. A terminal that nobody has chosen is hidden, and has no shell. */
export type BenchShells = {
  named(name: TerminalName): ShellPane | undefined;
  /** In each terminal that is in sight. */
  openAll(session: Session): void;
  /** In each one that is in sight and has none. */
  openMore(session: Session): void;
  /** Whether each shell that was opened has its prompt, or could not be had. */
  areReady(): boolean;
  hear(event: FromRunner): void;
  output(frame: TerminalFrame): void;
  /** The session is over. */
  lost(): void;
  dispose(): void;
};

/** @param printed called after each output */
export function openBenchShells(bench: HTMLElement, snippets: () => string[], printed: () => void): BenchShells {
  const terminals = [...bench.querySelectorAll<HTMLElement>('.lab-terminal')].map((place) => {
    const name = terminalName(place.dataset['terminal']);
    return { name, place, pane: openShellPane(place, hostOf(name), snippets, printed) };
  });
  const panes = terminals.map(({ pane }) => pane);
  const chosen = () => terminals.filter(({ place }) => !place.hidden).map(({ pane }) => pane);
  const paneOf = (run: number) => panes.find((pane) => pane.run() === run);
  const isReady = new Set<ShellPane>();

  return {
    named: (wanted) => terminals.find(({ name }) => name === wanted)?.pane,
    openAll(session) {
      isReady.clear();
      for (const pane of chosen()) pane.open(session);
    },
    openMore(session) {
      for (const pane of chosen()) if (pane.run() === null) pane.open(session);
    },
    areReady: () => chosen().every((pane) => isReady.has(pane) || pane.run() === null),
    hear(event) {
      if (event.type === 'shell-started') {
        const pane = paneOf(event.run);
        pane?.started();
        if (pane !== undefined) isReady.add(pane);
      }
      if (event.type === 'shell-ended') paneOf(event.run)?.ended(event.end);
      if (event.type === 'error' && event.run !== undefined) {
        paneOf(event.run)?.ended({ kind: 'not-started', why: event.message });
      }
    },
    output: ({ run, bytes }) => paneOf(run)?.output(bytes),
    lost() {
      for (const pane of panes) pane.lost();
    },
    dispose() {
      for (const pane of panes) pane.dispose();
    },
  };
}

function terminalName(name: string | undefined): TerminalName {
  for (const host of ['client', 'router', 'server'] as const) {
    if (name === host) return host;
    if (name === `${host} 2`) return `${host} 2`;
  }
  throw new Error(`Expected the name of a terminal, found "${name}"`);
}
