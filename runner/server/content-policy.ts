import { createHash } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

/**
 * The Content-Security-Policy of the site (CSP level 3): scripts only from this origin, or inline ones that were there
 * when the site was built, known by their hash.
 */
export function contentPolicy(siteDir: string): Record<string, string[]> {
  return {
    'default-src': ["'self'"],
    // Pagefind, the search, is WebAssembly.
    'script-src': ["'self'", "'wasm-unsafe-eval'", ...inlineScriptHashes(siteDir)],
    // Highlighted code and the terminal set colors and positions in style attributes.
    'style-src': ["'self'", "'unsafe-inline'"],
    'img-src': ["'self'", 'data:'],
    'font-src': ["'self'", 'data:'],
    'connect-src': ["'self'"],
    'object-src': ["'none'"],
    'base-uri': ["'none'"],
    'form-action': ["'none'"],
    'frame-ancestors': ["'none'"],
  };
}

const INLINE_SCRIPT = /<script(?![^>]*\ssrc[\s=>])[^>]*>([\s\S]*?)<\/script>/g;

function inlineScriptHashes(siteDir: string): string[] {
  const pages = readdirSync(siteDir, { recursive: true, encoding: 'utf8' }).filter((file) => file.endsWith('.html'));
  const hashes = pages.flatMap((page) => {
    const html = readFileSync(join(siteDir, page), 'utf8');
    return [...html.matchAll(INLINE_SCRIPT)].map(
      ([, script = '']) => `'sha256-${createHash('sha256').update(script).digest('base64')}'`,
    );
  });
  return [...new Set(hashes)];
}
