import type { Action, TerminalName } from '../../protocol/lesson/lesson.ts';

/** Puts a file of a lesson where the shell of a terminal is, by typing it, and clears the terminal. */
export function writeFile(on: TerminalName, name: string, text: string): Action {
  return { on, type: `cat > ${name} <<'END'\n${text.trim()}\nEND\nclear` };
}
