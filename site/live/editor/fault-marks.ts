import {
  type ChangeDesc,
  type EditorState,
  type Extension,
  type Line,
  RangeSet,
  StateEffect,
  StateField,
  type Text,
} from '@codemirror/state';
import { Decoration, EditorView, GutterMarker, gutterLineClass } from '@codemirror/view';
import type { Fault } from '../faults/fault.ts';

/** The marks of one editor. A mark moves with its line, and goes when its line is edited. */
export type FaultMarks = {
  extension: Extension;
  /** These marks and no others. `gone` hears of each one that an edit takes away. */
  mark(view: EditorView, faults: Fault[], gone: (fault: Fault) => void): void;
  /** Where that fault's line is now; null when its mark is gone. */
  lineOf(state: EditorState, fault: Fault): Line | null;
};

/** `from`: where the line starts, in UTF-16 units. */
type Mark = { fault: Fault; from: number };

export function faultMarks(): FaultMarks {
  let hearGone: (fault: Fault) => void = () => {};
  const setMarks = StateEffect.define<Mark[]>();
  const field = StateField.define<Mark[]>({
    create: () => [],
    update(marks, { effects, docChanged, changes, startState, newDoc }) {
      const wanted = effects.find((effect) => effect.is(setMarks));
      if (wanted?.is(setMarks)) return wanted.value;
      return docChanged && marks.length > 0 ? untouched(marks, changes, startState.doc, newDoc) : marks;
    },
    provide: (marks) => [
      EditorView.decorations.from(marks, (value) =>
        RangeSet.of(
          value.map(({ fault, from }) => lineMark(fault).range(from)),
          true,
        ),
      ),
      gutterLineClass.from(marks, (value) =>
        RangeSet.of(
          value.map(({ from }) => numberMark.range(from)),
          true,
        ),
      ),
    ],
  });
  const tellGone = EditorView.updateListener.of(({ docChanged, startState, state }) => {
    if (!docChanged) return;
    const kept = new Set(state.field(field).map(({ fault }) => fault));
    for (const { fault } of startState.field(field)) if (!kept.has(fault)) hearGone(fault);
  });

  return {
    extension: [field, tellGone],
    mark(view, faults, gone) {
      hearGone = gone;
      const { doc } = view.state;
      const marks = faults.flatMap((fault) => (fault.line > doc.lines ? [] : [{ fault, from: doc.line(fault.line).from }]));
      view.dispatch({ effects: setMarks.of(marks) });
    },
    lineOf(state, fault) {
      const mark = state.field(field).find((candidate) => candidate.fault === fault);
      return mark === undefined ? null : state.doc.lineAt(mark.from);
    },
  };
}

/** The message is an attribute, so that it is text whatever stands in it, and no part of what can be selected. */
const lineMark = ({ message }: Fault) => Decoration.line({ class: 'code-fault', attributes: { 'data-fault': message } });

const numberMark = new (class extends GutterMarker {
  override elementClass = 'code-fault';
})();

function untouched(marks: Mark[], changes: ChangeDesc, before: Text, now: Text): Mark[] {
  return marks.flatMap(({ fault, from }) => {
    const old = before.lineAt(from);
    if (changes.touchesRange(old.from, old.to) === 'cover') return [];
    const moved = changes.mapPos(from, 1);
    const line = now.lineAt(moved);
    return line.from === moved && line.text === old.text ? [{ fault, from: moved }] : [];
  });
}
