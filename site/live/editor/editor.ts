import { defaultKeymap, history, historyKeymap, indentWithTab } from '@codemirror/commands';
import { bracketMatching, indentOnInput, indentUnit, syntaxHighlighting } from '@codemirror/language';
import { search, searchKeymap } from '@codemirror/search';
import { EditorState } from '@codemirror/state';
import { EditorView, keymap, lineNumbers, runScopeHandlers } from '@codemirror/view';
import { codeColors } from './code-colors.ts';
import './editor.css';
import type { Fault } from '../faults/fault.ts';
import { bringLineIntoSight } from '../faults/line-in-sight.ts';
import { changedLineNumbers } from './changed-line-numbers.ts';
import { faultMarks } from './fault-marks.ts';
import { loadLanguage } from './language.ts';
import { changedLines, markedLines } from './line-marks.ts';

export type CodeEditor = {
  dom: HTMLElement;
  text(): string;
  /** Puts another text there, and brings its first line that is not of the original into sight. */
  setText(text: string): void;
  /** Offsets in the text, in UTF-16 units; where the caret is at `head`. */
  select(anchor: number, head: number): void;
  scrollTo(left: number, top: number): void;
  focus(): void;
  /** As of a panel (source-panel.ts): the editor keeps a mark at its line while other lines come and go. */
  markFaults(faults: Fault[], gone: (fault: Fault) => void): void;
  showFault(fault: Fault): void;
  goToFault(fault: Fault): void;
  /** Does what this key press would have done here. */
  press(event: KeyboardEvent): void;
  dispose(): void;
};

export type EditorSettings = {
  text: string;
  /** The language of the snippet's manifest. */
  language: string;
  /** For assistive technology: the name of the file, and the id of the element that says how to leave. */
  label: string;
  describedBy: string;
  /** Lines with this text are marked; an empty one marks none. */
  mark: string;
  changed(): void;
};

/** An editor that looks exactly like the text that it replaces. The caller puts `dom` into the page. */
export async function openEditor(settings: EditorSettings): Promise<CodeEditor> {
  const language = await loadLanguage(settings.language);
  const faults = faultMarks();
  const view = new EditorView({
    state: EditorState.create({
      doc: settings.text,
      extensions: [
        lineNumbers(),
        history(),
        indentOnInput(),
        bracketMatching(),
        search({ top: true }),
        keymap.of([...searchKeymap, ...historyKeymap, ...defaultKeymap, indentWithTab]),
        syntaxHighlighting(codeColors),
        indentUnit.of(indentationOf(settings.text)),
        EditorState.tabSize.of(4),
        EditorView.contentAttributes.of({ 'aria-label': settings.label, 'aria-describedby': settings.describedBy }),
        EditorView.updateListener.of((update) => {
          if (update.docChanged) settings.changed();
        }),
        changedLines(settings.text),
        faults.extension,
        ...(language === null ? [] : [language]),
        ...(settings.mark === '' ? [] : [markedLines(settings.mark)]),
      ],
    }),
  });

  return {
    dom: view.dom,
    text: () => view.state.doc.toString(),
    setText(text) {
      view.dispatch({ changes: { from: 0, to: view.state.doc.length, insert: text } });
      const [first = 1] = changedLineNumbers(settings.text.split('\n'), text.split('\n'));
      view.dispatch({ effects: EditorView.scrollIntoView(view.state.doc.line(first).from, { y: 'center' }) });
    },
    select(anchor, head) {
      const { length } = view.state.doc;
      view.dispatch({ selection: { anchor: Math.min(anchor, length), head: Math.min(head, length) } });
    },
    scrollTo(left, top) {
      view.scrollDOM.scrollLeft = left;
      view.scrollDOM.scrollTop = top;
    },
    focus: () => view.focus(),
    markFaults: (wanted, gone) => faults.mark(view, wanted, gone),
    showFault(fault) {
      const line = faults.lineOf(view.state, fault);
      if (line === null) return;
      const { top, height } = view.lineBlockAt(line.from);
      bringLineIntoSight(view.scrollDOM, top + view.documentPadding.top, height);
    },
    goToFault(fault) {
      const line = faults.lineOf(view.state, fault);
      if (line === null) return;
      view.dispatch({ selection: { anchor: line.from }, effects: EditorView.scrollIntoView(line.from, { y: 'center' }) });
      view.dom.scrollIntoView({ block: 'nearest' });
      view.focus();
    },
    press(event) {
      if (runScopeHandlers(view, event, 'editor') || event.ctrlKey || event.metaKey) return;
      if ([...event.key].length === 1) view.dispatch(view.state.replaceSelection(event.key), { userEvent: 'input.type' });
    },
    dispose: () => view.destroy(),
  };
}

/** The indentation that the text itself has: its first indented line tells. */
function indentationOf(text: string): string {
  return text.match(/^(\t| {2,8})\S/m)?.[1] ?? '    ';
}
