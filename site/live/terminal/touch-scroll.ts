import type { Terminal } from '@xterm/xterm';

/**
 * Lets a finger scroll through a terminal's lines, which xterm 6 does not do by itself. At either end of them, and where
 * there is nothing to scroll, the gesture stays the page's.
 */
export function scrollByTouch(terminal: Terminal, screen: HTMLElement, signal: AbortSignal): void {
  /** Where the finger was, less what was scrolled for it, in pixels. */
  let fromY = 0;
  let isOurs = false;
  screen.addEventListener(
    'touchstart',
    ({ touches: [finger] }) => {
      fromY = finger?.clientY ?? 0;
      isOurs = false;
    },
    { signal, passive: true },
  );
  screen.addEventListener(
    'touchmove',
    (event) => {
      const [finger, another] = event.touches;
      if (finger === undefined || another !== undefined) return;
      const moved = fromY - finger.clientY;
      const { viewportY, baseY } = terminal.buffer.active;
      const canScroll = moved < 0 ? viewportY > 0 : viewportY < baseY;
      if (!canScroll && !isOurs) return;
      // A gesture that began as ours stays so to its end: the browser lets nobody in later.
      isOurs = true;
      if (event.cancelable) event.preventDefault();
      const lineHeight = screen.clientHeight / terminal.rows;
      const lines = Math.trunc(moved / lineHeight);
      terminal.scrollLines(lines);
      fromY -= lines * lineHeight;
    },
    { signal, passive: false },
  );
}
