import { FitAddon } from '@xterm/addon-fit';
import { SearchAddon } from '@xterm/addon-search';
import { WebLinksAddon } from '@xterm/addon-web-links';
import { Terminal } from '@xterm/xterm';
import '@xterm/xterm/css/xterm.css';
import { copyText } from '../clipboard.ts';
import { part } from '../part.ts';
import { openFindBox } from './find-box.ts';
import { terminalKeys } from './keys.ts';
import { openWebLink } from './links.ts';
import { onThemeChange, readTheme } from './theme.ts';
import { scrollByTouch } from './touch-scroll.ts';
import { wrapWords } from './wrap-words.ts';

/** A terminal in its server-rendered place. */
export type TerminalPane = {
  size(): TerminalSize;
  /** From now on the terminal is seen, and no longer the text that the page came with. */
  uncover(): void;
  /** As the page came. */
  cover(): void;
  /** A program starts or ends: while it lives, keys go to it. */
  setLive(live: boolean): void;
  /** Beside the command: what the program is doing just now. */
  setPhase(phase: string): void;
  /** Null: as the page came. */
  setCommand(command: string | null): void;
  /** Empties the terminal, whatever a program has done to it. */
  clear(): void;
  /** `taken` is called when these bytes are parsed. The terminal keeps `bytes`. */
  write(bytes: Uint8Array, taken: () => void): void;
  /** Shows these bytes in place of all before them, in one step: nothing between the two is ever seen. */
  replace(bytes: Uint8Array, taken: () => void): void;
  /** A quiet line of the page's own, after all output so far. */
  note(line: string, taken?: () => void): void;
  dispose(): void;
};

export type TerminalSize = { columns: number; rows: number };

export type TerminalListener = { input(bytes: Uint8Array): void; resized(size: TerminalSize): void };

const SCROLLBACK_LINES = 5000;
/** What the protocol lets a page ask for. */
const COLUMNS = { least: 2, most: 500 };
const ROWS = { least: 1, most: 200 };
const FONT_PX = 13;
const LINE_HEIGHT = 1.45;

const FULL_RESET = '\x1bc';
const HIDE_CURSOR = '\x1b[?25l';
/** Back from a full-screen program, plain and with the cursor unseen. Mode 1049 would move the cursor as well. */
const BACK_TO_TEXT = `\x1b[?1047l\x1b[0m${HIDE_CURSOR}`;

export function openTerminal(pane: HTMLElement, listener: TerminalListener): TerminalPane {
  const living = new AbortController();
  const screen = part(pane, '.lab-screen', HTMLElement);
  const recorded = part(pane, '.lab-terminal-recorded', HTMLElement);
  const command = part(pane, '.lab-terminal-command', HTMLElement);
  const phase = part(pane, '.lab-terminal-phase', HTMLElement);
  const original = { command: command.textContent, phase: phase.textContent };
  let isLive = false;
  /** Counts how often it was emptied: a note that is on its way knows that it is past. */
  let emptied = 0;

  const terminal = new Terminal({
    fontFamily: getComputedStyle(pane).getPropertyValue('--mono'),
    fontSize: FONT_PX,
    lineHeight: LINE_HEIGHT,
    theme: readTheme(pane),
    scrollback: SCROLLBACK_LINES,
    minimumContrastRatio: 4.5,
    screenReaderMode: true,
    cursorInactiveStyle: 'none',
    disableStdin: true,
    linkHandler: { activate: (_event, text) => openWebLink(text) },
  });
  const fit = new FitAddon();
  const search = new SearchAddon();
  terminal.loadAddon(fit);
  terminal.loadAddon(search);
  terminal.loadAddon(new WebLinksAddon((_event, text) => openWebLink(text)));

  terminal.open(screen);
  describe(terminal, pane);
  terminal.write(HIDE_CURSOR);

  const fitNow = () => {
    const proposed = fit.proposeDimensions();
    if (proposed === undefined || Number.isNaN(proposed.cols) || Number.isNaN(proposed.rows)) return;
    terminal.resize(clamp(proposed.cols, COLUMNS), clamp(proposed.rows, ROWS));
  };
  fitNow();
  const observer = new ResizeObserver(fitNow);
  observer.observe(screen);
  onThemeChange(() => {
    terminal.options.theme = readTheme(pane);
  }, living.signal);

  scrollByTouch(terminal, screen, living.signal);

  const keyOf = terminalKeys(() => isLive);
  terminal.attachCustomKeyEventHandler((event) => {
    switch (keyOf(event)) {
      case 'program':
        return true;
      case 'copy':
        event.preventDefault();
        copyText(terminal.getSelection()).catch(console.error);
        return false;
      case 'find':
        event.preventDefault();
        openFindBox(terminal, search, pane);
        return false;
      case 'leave':
      case 'ignore':
        return false;
    }
  });
  const encoder = new TextEncoder();
  const subscriptions = [
    terminal.onData((text) => isLive && listener.input(encoder.encode(text))),
    terminal.onBinary((bytes) => isLive && listener.input(Uint8Array.from(bytes, (byte) => byte.charCodeAt(0)))),
    terminal.onResize(({ cols, rows }) => isLive && listener.resized({ columns: cols, rows })),
  ];

  const cover = () => {
    recorded.hidden = false;
    command.textContent = original.command;
    phase.textContent = original.phase;
  };

  return {
    size: () => ({ columns: terminal.cols, rows: terminal.rows }),
    uncover() {
      recorded.hidden = true;
      phase.textContent = '';
    },
    cover,
    setLive(live) {
      isLive = live;
      terminal.options.disableStdin = !live;
    },
    setPhase(text) {
      phase.textContent = text;
    },
    setCommand(text) {
      command.textContent = text ?? original.command;
    },
    // In the stream, so that output on its way to the screen goes as well.
    clear() {
      emptied++;
      terminal.write(FULL_RESET);
    },
    write: (bytes, taken) => terminal.write(bytes, taken),
    replace(bytes, taken) {
      emptied++;
      const reset = encoder.encode(FULL_RESET);
      const whole = new Uint8Array(reset.length + bytes.length);
      whole.set(reset);
      whole.set(bytes, reset.length);
      terminal.write(whole, taken);
    },
    note(line, taken) {
      const mine = emptied;
      terminal.write(BACK_TO_TEXT, () => {
        if (mine !== emptied) return taken?.();
        const newLine = terminal.buffer.active.cursorX === 0 ? '' : '\r\n';
        terminal.write(`${newLine}\x1b[90m${wrapWords(line, terminal.cols).join('\r\n')}\x1b[0m`, taken);
      });
    },
    dispose() {
      living.abort();
      observer.disconnect();
      for (const subscription of subscriptions) subscription.dispose();
      terminal.dispose();
      pane.querySelector('.lab-find')?.remove();
      screen.replaceChildren();
      cover();
    },
  };
}

/** The element that takes the keys says whose terminal it is and how to get out of it. */
function describe(terminal: Terminal, pane: HTMLElement): void {
  terminal.textarea?.setAttribute('aria-label', pane.getAttribute('aria-label') ?? 'Terminal');
  terminal.textarea?.setAttribute('aria-describedby', pane.dataset['leave'] ?? '');
}

const clamp = (count: number, { least, most }: { least: number; most: number }) => Math.min(most, Math.max(least, count));
