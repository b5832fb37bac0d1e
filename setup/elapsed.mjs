/**
 * Shows that something takes its time: one line with the seconds, rewritten on a terminal; elsewhere one line at the start.
 * `end` leaves one line saying what was done, and how long it took.
 * @param {string} what
 * @param {boolean} [quiet] leaves the line to something else that shows its progress there; `end` speaks all the same
 */
export function showElapsed(what, quiet = false) {
  const startedMs = performance.now();
  const seconds = () => Math.round((performance.now() - startedMs) / 1000);
  const onTerminal = process.stderr.isTTY === true;
  const draw = () => process.stderr.write(`\r\x1b[K${what} … ${seconds()} s`);
  if (onTerminal && !quiet) draw();
  else if (!onTerminal) process.stderr.write(`${what} …\n`);
  const timer = onTerminal && !quiet ? setInterval(draw, 1000) : undefined;
  return {
    /** @param {string} done */
    end(done) {
      clearInterval(timer);
      process.stderr.write(`${onTerminal ? '\r\x1b[K' : ''}${done} in ${seconds()} s\n`);
    },
  };
}
