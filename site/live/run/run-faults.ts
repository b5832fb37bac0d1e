import type { RunEnd } from '../../../protocol/run-end.ts';
import type { Fault } from '../faults/fault.ts';
import { faultsIn } from '../faults/faults-in.ts';
import { keepOutput } from './kept-output.ts';

/** Reads along with one program, to find the lines of its files that made it fail. */
export type RunFaults = {
  heard(bytes: Uint8Array): void;
  /** Empty unless the build or the program failed by itself. */
  found(end: RunEnd): Fault[];
};

/** @param files the files of that program on this page, with their text as it runs */
export function readForFaults(files: { file: string; text(): string }[]): RunFaults {
  const ran = Object.fromEntries(files.map(({ file, text }) => [file, text()]));
  const output = keepOutput();
  return {
    heard: (bytes) => output.add(bytes),
    found(end) {
      if (!isFailure(end)) return [];
      // Lines of a file that was edited meanwhile may be others by now.
      const same = files.filter(({ file, text }) => text() === ran[file]).map(({ file }) => file);
      return faultsIn(output.text(), ran).filter(({ file }) => same.includes(file));
    },
  };
}

function isFailure(end: RunEnd): boolean {
  switch (end.kind) {
    case 'build-failed':
    case 'signal':
      return true;
    case 'exit':
      return end.code !== 0;
    case 'limit':
    case 'stopped':
    case 'not-started':
      return false;
  }
}
