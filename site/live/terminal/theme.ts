import type { ITheme } from '@xterm/xterm';

/** The terminal's colors from the page's custom properties, as they are for this element now. */
export function readTheme(element: HTMLElement): ITheme {
  const style = getComputedStyle(element);
  const color = (property: string) => style.getPropertyValue(property).trim();
  const ansi = {
    black: color('--ansi-black'),
    red: color('--ansi-red'),
    green: color('--ansi-green'),
    yellow: color('--ansi-yellow'),
    blue: color('--ansi-blue'),
    magenta: color('--ansi-magenta'),
    cyan: color('--ansi-cyan'),
    white: color('--ansi-white'),
  };
  return {
    background: color('--term-bg'),
    foreground: color('--term-text'),
    cursor: color('--term-text'),
    cursorAccent: color('--term-bg'),
    selectionBackground: color('--ansi-black'),
    scrollbarSliderBackground: color('--ansi-black'),
    ...ansi,
    brightBlack: color('--term-soft'),
    brightRed: ansi.red,
    brightGreen: ansi.green,
    brightYellow: ansi.yellow,
    brightBlue: ansi.blue,
    brightMagenta: ansi.magenta,
    brightCyan: ansi.cyan,
    brightWhite: ansi.white,
  };
}

/** Calls back whenever the page changes between dark and light, until the signal. */
export function onThemeChange(changed: () => void, signal: AbortSignal): void {
  const observer = new MutationObserver(changed);
  observer.observe(document.documentElement, { attributeFilter: ['data-theme'] });
  signal.addEventListener('abort', () => observer.disconnect(), { once: true });
}
