import type { HostName } from '../../protocol/topology.ts';
import type { Visitor } from './visitor.ts';

/** A shell of a visitor's lab, as somebody at its keyboard uses it. */
export type TestShell = {
  run: number;
  /** Gives a command and resolves with what the terminal showed until it was done, and the status. */
  enter(command: string): Promise<string>;
  /** Types a file into the shell's directory, line by line. */
  write(name: string, text: string): Promise<void>;
};

export async function openTestShell(visitor: Visitor, run: number, host: HostName, snippets: string[] = []): Promise<TestShell> {
  visitor.say({ type: 'shell', run, host, snippets, columns: 120, rows: 24 });
  await visitor.until('shell-started', (event) => event.run === run);
  let commands = 0;
  const enter = async (command: string): Promise<string> => {
    const from = visitor.output(run).length;
    // In two words, so that the echo of what is typed is not the mark.
    const mark = `done-${++commands}-`;
    visitor.type(run, `${command}\necho "done"-${commands}-$?\n`);
    await visitor.untilOutput(run, mark);
    return visitor.output(run).slice(from);
  };
  return {
    run,
    enter,
    async write(name, text) {
      await enter(`cat >${name} <<'END'\n${text}\nEND`);
    },
  };
}
