/** Values of the custom properties by name without the dashes, e.g. `{ bg: '#0f1114' }`. */
export type Tokens = Record<string, string>;
export type Theme = 'dark' | 'light';
export const THEMES: readonly Theme[] = ['dark', 'light'];

/** Reads `tokens.css`, so that what cannot use CSS variables (the code themes, the contrast test) has the same values. */
export function readTokens(css: string): Record<Theme, Tokens> {
  const dark = tokensOfRule(css, ':root');
  return { dark, light: { ...dark, ...tokensOfRule(css, ':root[data-theme="light"]') } };
}

function tokensOfRule(css: string, selector: string): Tokens {
  const start = css.indexOf(`${selector} {`);
  if (start < 0) throw new Error(`tokens.css: expected a rule ${selector}, found none`);
  const body = css.slice(start, css.indexOf('}', start));
  const tokens: Tokens = {};
  for (const [, name, value] of body.matchAll(/--([a-z-]+): ([^;]+);/g)) {
    if (name !== undefined && value !== undefined) tokens[name] = value;
  }
  return tokens;
}
