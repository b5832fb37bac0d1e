import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { imageRoot } from './location.ts';
import { readSections } from './recipe.ts';

/** The versions of the packages that a language's section names, as Debian writes them: `{ python3: '3.13.5-1' }`. */
export function versionsOf(language: string): Record<string, string> {
  const versions = new Map(installedPackages(imageRoot()).map(({ name, version }) => [name, version]));
  const names = readSections().get(language) ?? [];
  return Object.fromEntries(names.map((name) => [name, versions.get(name) ?? 'not installed']));
}

export type InstalledPackage = { name: string; version: string; architecture: string };

/** All packages of a root filesystem, by name (deb822(5), dpkg-query(1)). */
export function installedPackages(root: string): InstalledPackage[] {
  return readFileSync(join(root, 'var/lib/dpkg/status'), 'utf8')
    .split('\n\n')
    .filter((entry) => fieldOf(entry, 'Status').endsWith(' installed'))
    .map((entry) => ({
      name: fieldOf(entry, 'Package'),
      version: fieldOf(entry, 'Version'),
      architecture: fieldOf(entry, 'Architecture'),
    }))
    .sort((a, b) => (a.name < b.name ? -1 : 1));
}

function fieldOf(entry: string, name: string): string {
  return new RegExp(`^${name}: (.*)$`, 'm').exec(entry)?.[1] ?? '';
}
