import { readImageState } from './location.ts';
import type { Progress } from './progress.ts';

/** One line that is rewritten on a terminal; one line a phase elsewhere. */
export type Display = Disposable & { show(progress: Progress): void; end(text: string): void };

/** While another process builds, its progress is shown. */
export function showProgress(): Display {
  const startedMs = performance.now();
  let current: Progress = { phase: 'starting', percent: 0 };
  let shownPhase = '';
  let isBuilder = false;

  const draw = () => {
    const seconds = Math.round((performance.now() - startedMs) / 1000);
    const text = `Image: ${current.phase}, ${current.percent} %, ${seconds} s`;
    if (process.stderr.isTTY) process.stderr.write(`\r\x1b[K${text}`);
    else if (current.phase !== shownPhase) process.stderr.write(`${text}\n`);
    shownPhase = current.phase;
  };
  const followOther = () => {
    const state = readImageState();
    // What this process builds itself, it is told sooner than it can be read.
    if (state.state === 'building' && !isBuilder) current = { phase: state.phase, percent: state.percent };
    draw();
  };
  const timer = setInterval(followOther, 1000);
  // The terminal may be closed before the builder has tidied up.
  for (const stream of [process.stdout, process.stderr]) stream.on('error', () => {});

  const clear = () => {
    clearInterval(timer);
    if (process.stderr.isTTY) process.stderr.write('\r\x1b[K');
  };
  return {
    show: (progress) => {
      isBuilder = true;
      current = progress;
      draw();
    },
    end: (text) => {
      clear();
      console.log(text);
    },
    [Symbol.dispose]: clear,
  };
}
