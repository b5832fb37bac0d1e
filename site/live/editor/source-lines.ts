import type { LanguageSupport } from '@codemirror/language';
import { highlightCode } from '@lezer/highlight';
import { codeColors } from './code-colors.ts';

/** A piece of a line: its text, and the class of its color where it has one. */
export type Piece = { text: string; color: string };

/**
 * The lines of a source, each in colored pieces, without their line ends. As in an editor, a text that ends with a
 * line end has an empty last line.
 */
export function sourceLines(source: string, language: LanguageSupport | null): Piece[][] {
  if (language === null) return source.split('\n').map((text) => [{ text, color: '' }]);
  const lines: Piece[][] = [[]];
  highlightCode(
    source,
    language.language.parser.parse(source),
    codeColors,
    (text, color) => lines.at(-1)?.push({ text, color }),
    () => lines.push([]),
  );
  return lines;
}
