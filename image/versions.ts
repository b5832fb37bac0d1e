import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { imageRoot } from './location.ts';
import { readSections } from './recipe.ts';

/** The versions of the packages that a language's section names, as Debian writes them: `{ python3: '3.13.5-1' }`. */
export function versionsOf(language: string): Record<string, string> {
  const status = readFileSync(join(imageRoot(), 'var/lib/dpkg/status'), 'utf8');
  const versions = new Map(status.split('\n\n').map((entry) => [fieldOf(entry, 'Package'), fieldOf(entry, 'Version')] as const));
  const names = readSections().get(language) ?? [];
  return Object.fromEntries(names.map((name) => [name, versions.get(name) ?? 'not installed']));
}

function fieldOf(entry: string, name: string): string {
  return new RegExp(`^${name}: (.*)$`, 'm').exec(entry)?.[1] ?? '';
}
