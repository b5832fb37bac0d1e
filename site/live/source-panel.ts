import type { CodeEditor } from './editor/editor.ts';
import type { Fault } from './faults/fault.ts';
import { bringLineIntoSight } from './faults/line-in-sight.ts';
import { markSourceLines, sourceLine } from './faults/source-marks.ts';
import { part } from './part.ts';

/** One file of a snippet in the page: text at first, an editor once somebody wants to change it. */
export type SourcePanel = {
  file: string;
  /** The hosts whose programs have this file. */
  hosts: string[];
  text(): string;
  isEdited(): boolean;
  /** Turns the text into an editor, if it is none yet, and puts the focus there. */
  edit(): void;
  /** Puts another text there, as if a visitor had typed it. */
  setText(text: string): void;
  /** Puts the original text back. */
  reset(): void;
  /** Marks the lines of these faults, and no others any more. `gone` hears of each mark that an edit takes away. */
  markFaults(faults: Fault[], gone: (fault: Fault) => void): void;
  /** Scrolls the file, and not the page, to the line of a marked fault. */
  showFault(fault: Fault): void;
  /** Brings the line of a marked fault into sight and takes the focus there. */
  goToFault(fault: Fault): void;
  dispose(): void;
};

export type SourcePanelSettings = {
  language: string;
  mark: string;
  /** The id of the element that says how to leave the editor. */
  describedBy: string;
  changed(): void;
  /** The editor could not be loaded. */
  failed(error: unknown): void;
};

/** Where in the text a visitor pointed or selected, in UTF-16 units. */
type TextSelection = { anchor: number; head: number };

export function openSourcePanel(panel: HTMLElement, settings: SourcePanelSettings, signal: AbortSignal): SourcePanel {
  const file = panel.dataset['file'] ?? '';
  const source = part(panel, 'pre', HTMLPreElement);
  const original = source.textContent;
  /** What the file holds while there is no editor. */
  let current = original;
  let editor: CodeEditor | null = null;
  let opening: Promise<void> | null = null;
  let selection: TextSelection = { anchor: 0, head: 0 };
  let pressedMeanwhile: KeyboardEvent[] = [];
  let marked: { faults: Fault[]; gone(fault: Fault): void } = { faults: [], gone: () => {} };

  const becomeEditor = () => {
    opening ??= load().catch((error: unknown) => {
      opening = null;
      settings.failed(error);
    });
  };
  const edit = () => {
    if (editor !== null) return editor.focus();
    panel.focus({ preventScroll: true });
    becomeEditor();
  };
  const load = async () => {
    const { openEditor } = await import('./editor/editor.ts');
    const { language, mark, describedBy, changed } = settings;
    const opened = await openEditor({ text: original, language, label: file, describedBy, mark, changed });
    if (signal.aborted) return opened.dispose();
    editor = opened;
    putInPlace(opened);
  };
  const putInPlace = (opened: CodeEditor) => {
    const { scrollLeft, scrollTop } = panel;
    // Whoever went elsewhere meanwhile is left there.
    const hadFocus = panel === document.activeElement;
    source.replaceWith(opened.dom);
    panel.classList.add('lab-file-live');
    panel.removeAttribute('tabindex');
    opened.scrollTo(scrollLeft, scrollTop);
    opened.select(selection.anchor, selection.head);
    if (current !== original) opened.setText(current);
    opened.markFaults(marked.faults, marked.gone);
    if (hadFocus) opened.focus();
    for (const event of pressedMeanwhile) opened.press(event);
    pressedMeanwhile = [];
  };

  const text = () => editor?.text() ?? current;
  const setText = (wanted: string) => {
    if (editor !== null) return editor.setText(wanted);
    current = wanted;
    markSourceLines(source, []);
    for (const fault of marked.faults) marked.gone(fault);
    marked = { faults: [], gone: () => {} };
    becomeEditor();
  };

  panel.addEventListener(
    'click',
    () => {
      if (editor !== null) return;
      selection = selectionIn(source) ?? selection;
      edit();
    },
    { signal },
  );
  // Whoever comes near the text may well want to change it: fetch the editor ahead.
  for (const near of ['pointerdown', 'focus']) {
    panel.addEventListener(near, () => void import('./editor/editor.ts').catch(() => {}), { signal, once: true });
  }
  panel.addEventListener(
    'keydown',
    (event) => {
      if (editor !== null) return;
      if (opening !== null && !leaves(event)) pressedMeanwhile.push(event);
      else if (event.key === 'Enter' && !event.ctrlKey && !event.metaKey) edit();
      else if (isText(event)) {
        pressedMeanwhile.push(event);
        edit();
      } else return;
      event.preventDefault();
    },
    { signal },
  );

  return {
    file,
    hosts: (panel.dataset['hosts'] ?? '').split(' '),
    text,
    isEdited: () => text() !== original,
    edit,
    setText,
    reset() {
      if (text() !== original) setText(original);
    },
    markFaults(faults, gone) {
      marked = { faults, gone };
      editor?.markFaults(faults, gone);
      // The text is hidden behind the editor, or will be in a moment when it is not the original any more.
      markSourceLines(source, editor === null && current === original ? faults : []);
    },
    showFault(fault) {
      if (editor !== null) return editor.showFault(fault);
      const line = sourceLine(source, fault.line)?.getBoundingClientRect();
      if (line === undefined) return;
      bringLineIntoSight(panel, line.top - panel.getBoundingClientRect().top + panel.scrollTop, line.height);
    },
    goToFault(fault) {
      if (editor !== null) return editor.goToFault(fault);
      panel.focus({ preventScroll: true });
      sourceLine(source, fault.line)?.scrollIntoView({ block: 'center' });
    },
    dispose() {
      marked = { faults: [], gone: () => {} };
      markSourceLines(source, []);
      if (editor === null) return;
      editor.dom.replaceWith(source);
      editor.dispose();
      editor = null;
      panel.classList.remove('lab-file-live');
      panel.tabIndex = 0;
    },
  };
}

/** The Tab key and the browser's own shortcuts stay what they are. */
const leaves = (event: KeyboardEvent) => event.key === 'Tab' || event.ctrlKey || event.metaKey || event.altKey;

const isText = (event: KeyboardEvent) => !leaves(event) && event.key !== ' ' && [...event.key].length === 1;

function selectionIn(source: HTMLElement): TextSelection | null {
  const { anchorNode, anchorOffset, focusNode, focusOffset } = document.getSelection() ?? {};
  if (!anchorNode || !focusNode || !source.contains(anchorNode) || !source.contains(focusNode)) return null;
  const offsetOf = (node: Node, offset: number) => {
    const before = document.createRange();
    before.setStart(source, 0);
    before.setEnd(node, offset);
    return before.toString().length;
  };
  return { anchor: offsetOf(anchorNode, anchorOffset ?? 0), head: offsetOf(focusNode, focusOffset ?? 0) };
}
