import type { LanguageSupport } from '@codemirror/language';

/**
 * The grammar of a snippet's language, by the name that its manifest gives. Build and editor use the same one.
 *
 * @returns null for a language without a grammar: its text is shown in one color
 */
export async function loadLanguage(name: string): Promise<LanguageSupport | null> {
  switch (name) {
    case 'c':
    case 'cpp':
      return (await import('@codemirror/lang-cpp')).cpp();
    case 'python':
      return (await import('@codemirror/lang-python')).python();
    default:
      return null;
  }
}
