import { type EditorState, type Extension, type RangeSet, RangeSetBuilder, type RangeValue } from '@codemirror/state';
import { Decoration, EditorView, GutterMarker, gutterLineClass } from '@codemirror/view';
import { changedLineNumbers } from './changed-line-numbers.ts';

/** Marks each line that holds this text, while it holds it: the line that a page is about. */
export function markedLines(text: string): Extension {
  return lineMarks('code-marked', ({ doc }) => {
    return Array.from({ length: doc.lines }, (_, index) => index + 1).filter((number) => doc.line(number).text.includes(text));
  });
}

/** Marks each line that is not one of the original text. */
export function changedLines(original: string): Extension {
  const originalLines = original.split('\n');
  return lineMarks('code-changed', ({ doc }) => changedLineNumbers(originalLines, doc.toString().split('\n')));
}

/** Gives lines a class, and the same to their numbers in the gutter. */
function lineMarks(name: string, linesOf: (state: EditorState) => number[]): Extension {
  const line = Decoration.line({ class: name });
  const number = new (class extends GutterMarker {
    override elementClass = name;
  })();
  return [
    EditorView.decorations.compute(['doc'], (state) => marksOf(state, linesOf(state), line)),
    gutterLineClass.compute(['doc'], (state) => marksOf(state, linesOf(state), number)),
  ];
}

function marksOf<Mark extends RangeValue>(state: EditorState, lines: number[], mark: Mark): RangeSet<Mark> {
  const marks = new RangeSetBuilder<Mark>();
  for (const number of lines) {
    const { from } = state.doc.line(number);
    marks.add(from, from, mark);
  }
  return marks.finish();
}
