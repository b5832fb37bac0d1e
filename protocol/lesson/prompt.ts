/** Escape sequences of a terminal: CSI, OSC, and those of two bytes (ECMA-48, sections 5.3 and 5.4). */
// biome-ignore lint/suspicious/noControlCharactersInRegex: that is what they are made of
const ESCAPES = /\x1b(?:\[[0-?]*[ -/]*[@-~]|\][^\x07\x1b]*(?:\x07|\x1b\\)|[ -/]*[0-~])/g;

/** What a terminal printed, without colors and other controls. */
export function plainText(printed: string): string {
  return printed.replaceAll(ESCAPES, '').replaceAll('\r\n', '\n').replaceAll('\r', '');
}

/** Whether a shell of a lab's host waits for a command: the last line is its prompt (see runner/session/bashrc.sh). */
export function isAtPrompt(printed: string): boolean {
  return /(?:^|\n)(?:client|router|server):\S*# $/.test(plainText(printed.slice(-400)));
}
