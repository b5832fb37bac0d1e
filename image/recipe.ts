import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { HOME_TOPOLOGY } from '../protocol/topology.ts';
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

export function readRecipe(): Recipe {
  return {
    packages: parsePackages(readFileSync(join(import.meta.dirname, 'packages.txt'), 'utf8')),
    suite: 'trixie',
    dpkgOptions: DPKG_OPTIONS,
    customize: readFileSync(CUSTOMIZE_SCRIPT, 'utf8'),
    hosts: hostsFile(HOME_TOPOLOGY),
    architecture: process.arch,
  };
}

/** 16 hexadecimal digits that change whenever the image would; comments of the package list do not count. */
export function recipeHash(recipe: Recipe): string {
  return createHash('sha256').update(JSON.stringify(recipe)).digest('hex').slice(0, 16);
}

/** One name a line; `#` starts a comment. */
export function parsePackages(text: string): string[] {
  return text
    .split('\n')
    .map((line) => line.replace(/#.*/, '').trim())
    .filter((line) => line !== '');
}

/** dpkg(1): manuals, translations and GCC's dump of its own internals stay out; copyright files stay in. */
const DPKG_OPTIONS = [
  'path-exclude=/usr/share/doc/*',
  'path-include=/usr/share/doc/*/copyright',
  'path-exclude=/usr/share/man/*',
  'path-exclude=/usr/share/info/*',
  'path-exclude=/usr/share/locale/*',
  'path-exclude=/usr/bin/*-lto-dump-*',
];
