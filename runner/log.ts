import { type Logger, pino } from 'pino';

/**
 * One line an event, with the lab and the run that it is about, on standard error: JSON for programs, words for a terminal.
 * What a learner writes or a program prints goes in at no level.
 */
export function openLog(level: string): Logger {
  const options = {
    level,
    base: null,
    timestamp: pino.stdTimeFunctions.isoTime,
    formatters: { level: (label: string) => ({ level: label }) },
  };
  // A log that cannot be written, on a full disk or a terminal that is gone, is no reason to stop, and nowhere can that be said.
  if (!process.stderr.isTTY) {
    const destination = pino.destination({ dest: process.stderr.fd, sync: true, maxLength: MAX_WAITING_BYTES });
    destination.on('error', () => {});
    return pino(options, destination);
  }
  process.stderr.on('error', () => {});
  return pino(options, { write: (line: string) => void process.stderr.write(`${forTerminal(line)}\n`) });
}

/** Of lines that could not be written yet; beyond, they are lost. */
const MAX_WAITING_BYTES = 1024 * 1024;

/** `12:00:01 warn  a lab could not be made  lab=1f2e3d4c` */
export function forTerminal(line: string): string {
  const { level, time, msg, ...fields }: Record<string, unknown> = JSON.parse(line);
  const words = [`${String(time).slice(11, 19)} ${String(level).padEnd(5)} ${shown(msg ?? '')}`];
  return [...words, ...Object.entries(fields).map(([name, value]) => `${shown(name)}=${shown(value)}`)].join('  ');
}

/** Plain words stand as they are; all else as JSON, without what a terminal would obey or a reader would not see. */
function shown(value: unknown): string {
  if (typeof value === 'string' && /^[\x20-\x7e‘’…]*$/.test(value)) return value;
  return JSON.stringify(value).replaceAll(/[^\x20-\x7e‘’…]/g, (sign) => `\\u${sign.charCodeAt(0).toString(16).padStart(4, '0')}`);
}
