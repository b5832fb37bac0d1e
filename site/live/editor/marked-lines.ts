import { type EditorState, type Extension, type RangeSet, RangeSetBuilder, type RangeValue } from '@codemirror/state';
import { Decoration, EditorView, GutterMarker, gutterLineClass } from '@codemirror/view';

const MARKED = 'code-marked';
const markedLine = Decoration.line({ class: MARKED });
const markedNumber = new (class extends GutterMarker {
  override elementClass = MARKED;
})();

/** Marks each line that holds this text, while it holds it: the line that a page is about. */
export function markedLines(text: string): Extension {
  return [
    EditorView.decorations.compute(['doc'], (state) => marksOf(state, text, markedLine)),
    gutterLineClass.compute(['doc'], (state) => marksOf(state, text, markedNumber)),
  ];
}

function marksOf<Mark extends RangeValue>(state: EditorState, text: string, mark: Mark): RangeSet<Mark> {
  const marks = new RangeSetBuilder<Mark>();
  for (let number = 1; number <= state.doc.lines; number++) {
    const line = state.doc.line(number);
    if (line.text.includes(text)) marks.add(line.from, line.from, mark);
  }
  return marks.finish();
}
