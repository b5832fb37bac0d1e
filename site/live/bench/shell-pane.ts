import { describeRunEnd, type RunEnd } from '../../../protocol/run-end.ts';
import type { HostName } from '../../../protocol/topology.ts';
import type { Session } from '../session/session.ts';
import { openTerminal } from '../terminal/terminal-pane.ts';

/** A shell in its place of the page. */
export type ShellPane = {
  /** Opens a shell in this session's lab; what an earlier one printed goes. */
  open(session: Session): void;
  /** The number of its run, or null where none is open. */
  run(): number | null;
  started(): void;
  output(bytes: Uint8Array): void;
  ended(end: RunEnd): void;
  /** The session is over. */
  lost(): void;
  type(text: string): void;
  /** What it printed since it was opened, of a flood the last part; the places of what is there stay the same. */
  printed(): string;
  dispose(): void;
};

/** More than any lesson prints. What comes then is forgotten for "Show me", and shown all the same. */
const PRINTED_CHARACTERS = 4 * 1024 * 1024;

export function openShellPane(place: HTMLElement, host: HostName, snippets: () => string[], printed: () => void): ShellPane {
  let session: Session | null = null;
  let run: number | null = null;
  let text = '';
  let decoder = new TextDecoder();
  const encoder = new TextEncoder();
  const pane = openTerminal(place, {
    input: (bytes) => run !== null && session?.input(run, bytes),
    resized: ({ columns, rows }) => run !== null && session?.resize(run, columns, rows),
  });
  const over = (note: string) => {
    run = null;
    pane.setLive(false);
    pane.setPhase('closed');
    pane.note(note);
  };

  return {
    open(inSession) {
      session = inSession;
      text = '';
      decoder = new TextDecoder();
      pane.clear();
      pane.uncover();
      pane.setPhase('opening');
      run = session.shell({ host, snippets: snippets(), ...pane.size() });
    },
    run: () => run,
    started() {
      pane.setPhase('');
      pane.setLive(true);
      // It may have been made larger or smaller while its lab was waited for.
      if (run !== null) session?.resize(run, pane.size().columns, pane.size().rows);
    },
    output(bytes) {
      const taken = run;
      if (text.length < PRINTED_CHARACTERS) text += decoder.decode(bytes, { stream: true });
      pane.write(bytes, () => taken !== null && session?.takenIn(taken, bytes.length));
      printed();
    },
    ended(end) {
      over(describeRunEnd(end));
      printed();
    },
    lost() {
      if (run !== null) over('connection lost');
    },
    type(typed) {
      if (run !== null) session?.input(run, encoder.encode(typed));
    },
    printed: () => text,
    dispose() {
      pane.setLive(false);
      pane.dispose();
    },
  };
}
