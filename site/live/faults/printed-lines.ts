/** Longer lines are cut: no message of use is longer. */
const MAX_LINE_CHARACTERS = 2000;

/** CSI, OSC and two-byte sequences (ECMA-48, sections 5.4 and 5.6), also those that nothing ends. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for
const ESCAPE_SEQUENCES = /\x1b(?:\[[0-?]*[ -/]*[@-~]?|\][^\x07\x1b]*(?:\x07|\x1b\\)?|[^[\]]?)/g;
// biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for
const CONTROL_CHARACTERS = /[\x00-\x08\x0b-\x1f\x7f]/g;

/** What a terminal got as plain lines: without colors, links, carriage returns and other controls. Tabs stay. */
export function printedLines(output: string): string[] {
  return output
    .replaceAll(ESCAPE_SEQUENCES, '')
    .split('\n')
    .map((line) => line.slice(0, MAX_LINE_CHARACTERS).replaceAll(CONTROL_CHARACTERS, ''));
}
