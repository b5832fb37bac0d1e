import type { Theme, Tokens } from './tokens.ts';

/** A Shiki theme (VS Code's format) in the colors of `tokens.css`. */
export function codeTheme(type: Theme, tokens: Tokens) {
  const color = (name: string) => tokens[name] ?? '';
  const rule = (name: string, scope: string[], fontStyle = '') => ({
    scope,
    settings: { foreground: color(name), ...(fontStyle && { fontStyle }) },
  });
  return {
    name: `hello-${type}`,
    type,
    colors: { 'editor.background': color('sunken'), 'editor.foreground': color('text') },
    settings: [
      { settings: { background: color('sunken'), foreground: color('text') } },
      rule('code-comment', ['comment', 'punctuation.definition.comment']),
      rule('code-keyword', ['keyword', 'storage', 'constant.language', 'variable.language', 'punctuation.definition.directive']),
      rule('text', ['keyword.operator', 'punctuation', 'variable', 'meta.brace']),
      rule('code-keyword', ['keyword.operator.logical', 'keyword.operator.sizeof', 'keyword.operator.new']),
      rule('code-function', ['entity.name.function', 'support.function', 'meta.function-call.generic', 'entity.name.type']),
      rule('code-string', ['string', 'constant.character.escape', 'punctuation.definition.string']),
      rule('code-number', ['constant.numeric']),
      rule('text', ['entity.name.function.preprocessor']),
    ],
  };
}
