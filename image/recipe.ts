import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { HOME_TOPOLOGY } from '../protocol/topology.ts';
import { architecture } from './architecture.ts';
import { hostsFile } from './hosts.ts';

/** All that decides what is in the image. */
export type Recipe = {
  packages: string[];
  suite: string;
  dpkgOptions: string[];
  customize: string;
  hosts: string;
  architecture: string;
};

export const CUSTOMIZE_SCRIPT = join(import.meta.dirname, 'customize.sh');

/** Time stamps that are newer become this one, the day of Debian 13.0, so that two builds are alike (reproducible-builds.org). */
export const SOURCE_DATE_EPOCH_S = Date.UTC(2025, 7, 9) / 1000;

/** @throws Error when LANGUAGES names a language that the package list does not have */
export function readRecipe(): Recipe {
  const sections = readSections();
  return {
    packages: [...new Set([BASE, ...languages(sections)].flatMap((name) => sections.get(name) ?? []))],
    suite: 'trixie',
    dpkgOptions: DPKG_OPTIONS,
    customize: readFileSync(CUSTOMIZE_SCRIPT, 'utf8'),
    hosts: hostsFile(HOME_TOPOLOGY),
    architecture: architecture(),
  };
}

/** 16 hexadecimal digits that change whenever the image would; comments of the package list do not count. */
export function recipeHash(recipe: Recipe): string {
  return createHash('sha256').update(JSON.stringify(recipe)).digest('hex').slice(0, 16);
}

/** The languages of the image that this process would make. */
export function readLanguages(): string[] {
  return languages(readSections());
}

/** The languages that the package list has and this image has not. */
export function readLeftOut(): string[] {
  const sections = readSections();
  const chosen = languages(sections);
  return languages(sections, '').filter((name) => !chosen.includes(name));
}

/** Packages by section, as the package list has them. */
export function readSections(): Map<string, string[]> {
  return parsePackages(readFileSync(join(import.meta.dirname, 'packages.txt'), 'utf8'));
}

/** The section of packages that every image has. */
const BASE = 'base';

/** `LANGUAGES=core` leaves these out: the two largest compilers, and the languages that the fewest readers ask for. */
const NOT_IN_CORE = ['swift', 'haskell', 'tcl', 'erlang', 'elixir', 'ocaml', 'd', 'lisp', 'guile', 'pascal'];

/** The languages of this image: all that the package list has, those that LANGUAGES names (`c,python`), or `core`. */
export function languages(sections: Map<string, string[]>, wanted: string | undefined = process.env['LANGUAGES']): string[] {
  const known = [...sections.keys()].filter((name) => name !== BASE);
  if (wanted === undefined || wanted === '') return known;
  if (wanted === 'core') return known.filter((name) => !NOT_IN_CORE.includes(name));
  const chosen = wanted.split(',').map((name) => name.trim());
  const unknown = chosen.filter((name) => !known.includes(name));
  if (unknown.length === 0) return known.filter((name) => chosen.includes(name));
  throw new Error(`LANGUAGES: expected core, or names of ${known.join(', ')}, found ${unknown.join(', ')}`);
}

/** Packages by section: `[name]` starts one, then one package a line; `#` starts a comment. */
export function parsePackages(text: string): Map<string, string[]> {
  const sections = new Map<string, string[]>();
  let packages: string[] = [];
  for (const line of text.split('\n').map((raw) => raw.replace(/#.*/, '').trim())) {
    const section = /^\[([a-z][a-z0-9-]*)\]$/.exec(line)?.[1];
    if (section !== undefined) {
      packages = [];
      sections.set(section, packages);
    } else if (line !== '') packages.push(line);
  }
  return sections;
}

/** dpkg(1): manuals, translations and GCC's dump of its own internals stay out; copyright files stay in. */
const DPKG_OPTIONS = [
  'path-exclude=/usr/share/doc/*',
  'path-include=/usr/share/doc/*/copyright',
  'path-exclude=/usr/share/man/*',
  'path-exclude=/usr/share/info/*',
  'path-exclude=/usr/share/locale/*',
  'path-exclude=/usr/bin/*-lto-dump-*',
  // Of Swift's 2.3 GB: debugger, editor services, package manager, static and embedded libraries (1.5 GB).
  'path-exclude=/usr/libexec/swift/bin/lldb*',
  'path-exclude=/usr/libexec/swift/bin/clangd',
  'path-exclude=/usr/libexec/swift/bin/docc',
  'path-exclude=/usr/libexec/swift/bin/llvm-*',
  'path-exclude=/usr/libexec/swift/bin/sourcekit-lsp',
  'path-exclude=/usr/libexec/swift/bin/swift-format',
  'path-exclude=/usr/libexec/swift/bin/swift-package*',
  'path-exclude=/usr/libexec/swift/lib/libLTO*',
  'path-exclude=/usr/libexec/swift/lib/liblldb*',
  'path-exclude=/usr/libexec/swift/lib/libsourcekitdInProc*',
  'path-exclude=/usr/libexec/swift/lib/swift_static/*',
  'path-exclude=/usr/libexec/swift/lib/swift/FrameworkABIBaseline/*',
  'path-exclude=/usr/libexec/swift/lib/swift/embedded/*',
  'path-exclude=/usr/libexec/swift/lib/swift/host/lib_InternalSwiftScan*',
  'path-exclude=/usr/libexec/swift/lib/swift/migrator/*',
];
