/** What a key press is for, before the program gets it. */
export type TerminalKey = 'program' | 'leave' | 'copy' | 'find' | 'ignore';

/** What the rules look at. */
export type KeyPress = Pick<KeyboardEvent, 'type' | 'key' | 'timeStamp' | 'ctrlKey' | 'metaKey' | 'altKey' | 'shiftKey'>;

/** Escape, then Tab within this time leaves the terminal; the same two keys leave the editor. */
const LEAVE_WITHIN_MS = 2000;

/**
 * Tells the terminal's own keys from the program's. Tab belongs to a program that runs, so Escape before it lets it
 * leave; where none runs, Tab leaves at once.
 *
 * @param isLive whether a program takes input
 */
export function terminalKeys(isLive: () => boolean): (event: KeyPress) => TerminalKey {
  let escapeAtMs = Number.NEGATIVE_INFINITY;
  return (event) => {
    if (event.type !== 'keydown') return 'program';
    const { key, timeStamp } = event;
    const afterEscape = timeStamp - escapeAtMs < LEAVE_WITHIN_MS;
    if (key !== 'Shift') escapeAtMs = key === 'Escape' ? timeStamp : Number.NEGATIVE_INFINITY;
    const control = event.ctrlKey || event.metaKey;
    if (key === 'Tab' && !control && !event.altKey) return afterEscape || !isLive() ? 'leave' : 'program';
    if (control && event.shiftKey && key.toLowerCase() === 'c') return 'copy';
    if (control && !event.shiftKey && !event.altKey && key.toLowerCase() === 'f') return 'find';
    return isLive() ? 'program' : 'ignore';
  };
}
