import { tagHighlighter, tags } from '@lezer/highlight';

/** Which part of the code has which color; `code.css` says what a class looks like, for the page and its editor alike. */
export const codeColors = tagHighlighter([
  { tag: [tags.comment, tags.docComment], class: 'code-comment' },
  {
    tag: [tags.keyword, tags.self, tags.bool, tags.null, tags.meta, tags.annotation, tags.processingInstruction],
    class: 'code-keyword',
  },
  { tag: [tags.typeName, tags.className, tags.namespace], class: 'code-function' },
  { tag: [tags.function(tags.variableName), tags.function(tags.propertyName), tags.macroName], class: 'code-function' },
  { tag: [tags.string, tags.special(tags.string), tags.character, tags.escape, tags.regexp], class: 'code-string' },
  { tag: [tags.number, tags.atom], class: 'code-number' },
]);
