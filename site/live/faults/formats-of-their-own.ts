import type { Format } from './fault.ts';

/** Node.js, above an uncaught error: file:///home/u/client.mjs:8, the line itself, a caret below it, the message. */
export const nodeHeader: Format = (locate) => {
  let pending: ReturnType<typeof locate> = null;
  let isBelowCaret = false;
  return (line) => {
    const header = /^(?:file:\/\/)?(?<path>[^\s:()]+):(?<line>\d+)$/.exec(line)?.groups;
    if (header !== undefined) {
      pending = locate(header['path'], header['line']);
      isBelowCaret = false;
      return null;
    }
    if (pending === null) return null;
    if (!isBelowCaret) {
      isBelowCaret = /^\s*\^+$/.test(line.trimEnd());
      return null;
    }
    if (line.trim() === '') return null;
    const fault = { ...pending, message: line };
    pending = null;
    return fault;
  };
};

/** SBCL's reader tells what, where and in which file on lines of their own, in two orders. */
export const lispReader: Format = (locate) => {
  let isReading = false;
  let message = '';
  let number: string | undefined;
  let path: string | undefined;
  return (line) => {
    if (/^\s+READ error during /.test(line)) {
      isReading = true;
      message = '';
      number = undefined;
      path = undefined;
      return null;
    }
    if (!isReading || line.trim() === '') return null;
    number ??= /^\s+(?:Line: |\(in form starting at line: )(?<line>\d+)/.exec(line)?.groups?.['line'];
    path ??= /for "file (?<path>[^"]+)"/.exec(line)?.groups?.['path'];
    if (message === '') message = line.replace(/ on #<.*$/, '');
    const place = locate(path, number);
    if (place === null) return null;
    isReading = false;
    return { ...place, message };
  };
};

/** Tcl puts the message above "while executing" or the expression, and the line of the file at the end of what led there. */
export const tclError: Format = (locate) => {
  let previous = '';
  let message: string | null = null;
  return (line) => {
    if (/^(?:\s+while (?:executing|compiling)|in expression ".*)$/.test(line)) message ??= previous;
    previous = line;
    const groups = /^\s+\(file "(?<path>[^"]+)" line (?<line>\d+)\)$/.exec(line)?.groups;
    const place = locate(groups?.['path'], groups?.['line']);
    if (place === null) return null;
    const fault = { ...place, message: message ?? 'error' };
    message = null;
    return fault;
  };
};
