import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { readTokens, THEMES, type Tokens } from './tokens.ts';

const tokens = readTokens(readFileSync(new URL('./tokens.css', import.meta.url), 'utf8'));

/** Every text color with the backgrounds it is used on. */
const TEXT_ON: Record<string, string[]> = {
  text: ['bg', 'raised', 'sunken', 'accent-bg', 'ok-bg', 'warn-bg', 'bad-bg', 'removed-bg', 'added-bg'],
  soft: ['bg', 'raised', 'sunken'],
  accent: ['bg', 'raised', 'sunken', 'accent-bg', 'ok-bg', 'warn-bg', 'bad-bg'],
  'accent-ink': ['accent'],
  wifi: ['bg', 'raised', 'sunken', 'ok-bg'],
  cellular: ['bg', 'raised', 'sunken', 'ok-bg'],
  ok: ['bg', 'raised', 'ok-bg'],
  warn: ['bg', 'raised', 'warn-bg'],
  bad: ['bg', 'raised', 'bad-bg'],
  'bad-bg': ['bad'],
  'term-text': ['term-bg'],
  'term-soft': ['term-bg'],
  'code-keyword': ['raised', 'sunken', 'accent-bg', 'bad-bg'],
  'code-function': ['raised', 'sunken', 'accent-bg', 'bad-bg'],
  'code-string': ['raised', 'sunken', 'accent-bg', 'bad-bg'],
  'code-comment': ['raised', 'sunken', 'accent-bg', 'bad-bg'],
  'code-number': ['raised', 'sunken', 'accent-bg', 'bad-bg'],
};

for (const theme of THEMES) {
  test(`text is readable in the ${theme} theme (WCAG 2.2, 1.4.3: 4.5 to 1)`, () => {
    const tooFaint = Object.entries(TEXT_ON).flatMap(([text, backgrounds]) =>
      backgrounds
        .map((background) => ({ text, background, ratio: contrast(tokens[theme], text, background) }))
        .filter(({ ratio }) => ratio < 4.5),
    );
    assert.deepEqual(tooFaint, []);
  });

  test(`the borders of controls are seen in the ${theme} theme (WCAG 2.2, 1.4.11: 3 to 1)`, () => {
    for (const background of ['bg', 'raised', 'sunken']) {
      const ratio = contrast(tokens[theme], 'line-strong', background);
      assert.ok(ratio >= 3, `line-strong on ${background}: expected 3 or more, found ${ratio.toFixed(2)}`);
    }
  });
}

test('the contrast of black on white is 21 to 1', () => {
  assert.equal(contrast({ black: '#000000', white: '#ffffff' }, 'black', 'white'), 21);
});

/** Contrast ratio as WCAG 2.2 defines it. */
function contrast(theme: Tokens, one: string, other: string): number {
  const [lighter = 0, darker = 0] = [luminance(theme, one), luminance(theme, other)].sort((a, b) => b - a);
  return (lighter + 0.05) / (darker + 0.05);
}

function luminance(theme: Tokens, name: string): number {
  const hex = theme[name]?.match(/^#([0-9a-f]{2})([0-9a-f]{2})([0-9a-f]{2})$/);
  assert.ok(hex, `--${name}: expected a color like #0f1114, found ${theme[name]}`);
  const [red = 0, green = 0, blue = 0] = hex.slice(1).map((pair) => {
    const channel = Number.parseInt(pair, 16) / 255;
    return channel <= 0.04045 ? channel / 12.92 : ((channel + 0.055) / 1.055) ** 2.4;
  });
  return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
}
