import { existsSync, readdirSync, statSync } from 'node:fs';
import { link, mkdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { imageDir, recipe } from './location.ts';

/** Of so many further recipes the packages are kept although there is no image: it was given up, or is half-built. */
const KEPT_WITHOUT_IMAGE = 1;

/**
 * The folder in which this recipe's build finds packages, keeps those that it downloads, and removes those that it has no use
 * for. What other recipes have downloaded is in it under a further name (link(2)): nothing is downloaded or takes its
 * place twice, and removing it here takes it from no other image.
 */
export async function openDownloads(): Promise<string> {
  const all = join(imageDir(), 'downloads');
  const own = join(all, recipe());
  await mkdir(own, { recursive: true });
  const others = readdirSync(all).filter((name) => name !== recipe());
  for (const name of others.filter((name) => statSync(join(all, name)).isDirectory())) await linkPackages(join(all, name), own);
  const forgotten = others.filter((name) => !existsSync(join(imageDir(), name, 'root'))).sort(latestFirst(all));
  for (const name of forgotten.slice(KEPT_WITHOUT_IMAGE)) await rm(join(all, name), { recursive: true });
  return own;
}

/** Packages that are there whole: apt names no other ones `.deb` (apt-get(8), partial/). */
async function linkPackages(from: string, to: string): Promise<void> {
  const there = new Set(readdirSync(to));
  const wanted = readdirSync(from).filter((name) => name.endsWith('.deb') && !there.has(name));
  for (const name of wanted) await link(join(from, name), join(to, name));
}

function latestFirst(folder: string): (a: string, b: string) => number {
  const changedMs = (name: string) => statSync(join(folder, name)).mtimeMs;
  return (a, b) => changedMs(b) - changedMs(a);
}
