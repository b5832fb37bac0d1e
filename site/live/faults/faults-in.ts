import type { Fault, Locate } from './fault.ts';
import { FORMATS } from './formats.ts';
import { printedLines } from './printed-lines.ts';

/** More marks than this are no help: the first errors make the others. */
export const MAX_FAULTS = 20;
const MAX_MESSAGE_CHARACTERS = 300;

/**
 * Finds the errors in the page's files that a failed build or a failed program told of, in the order of the output, one
 * for each line. Warnings and notes are left out. Takes time in proportion to the output, whatever stands in it.
 *
 * @param output what the terminal got
 * @param sources the files of the program as it ran, by name
 */
export function faultsIn(output: string, sources: Record<string, string>): Fault[] {
  const locate = locateIn(sources);
  const readers = FORMATS.map((format) => format(locate));
  const found = new Map<string, Fault>();
  for (const line of printedLines(output)) {
    for (const read of readers) {
      const fault = read(line);
      if (fault === null) continue;
      const key = `${fault.line} ${fault.file}`;
      if (!found.has(key)) found.set(key, { ...fault, message: shortened(fault.message) });
      if (found.size === MAX_FAULTS) return [...found.values()];
    }
  }
  return [...found.values()];
}

/** Programs run in this directory (runner/sandbox/command.ts), and some compilers print all of a file's path. */
const WORKING_DIRECTORY = /^(?:\.\/|\/home\/u\/)/;

function locateIn(sources: Record<string, string>): Locate {
  const lines = new Map(Object.entries(sources).map(([file, text]) => [file, text.split('\n').length]));
  return (path = '', number = '') => {
    const file = path.replace(WORKING_DIRECTORY, '');
    const line = Number(number);
    return line >= 1 && line <= (lines.get(file) ?? 0) ? { file, line } : null;
  };
}

function shortened(message: string): string {
  const trimmed = message.trim();
  return trimmed.length > MAX_MESSAGE_CHARACTERS ? `${trimmed.slice(0, MAX_MESSAGE_CHARACTERS)}…` : trimmed;
}
