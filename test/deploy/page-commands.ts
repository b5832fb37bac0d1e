import { execFile } from 'node:child_process';
import { globSync, readFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { promisify } from 'node:util';

const top = join(import.meta.dirname, '../..');
const PAGES = join(top, 'site/content/docs/self-host');
const SHELLS = ['sh', 'bash', 'shell', 'console', 'powershell', 'ps1', 'bat'];

/**
 * A code block of a page under /self-host/. Its fence says how it is proved:
 * `test="NAME"`: a test runs it by `runPageCommand(PAGE, NAME)`; `file="PATH"`: it stands in that file, word for word;
 * `untested="WHY"`: for what no machine of the tests is, such as a Mac.
 */
export type PageBlock = { page: string; language: string; attributes: Record<string, string>; text: string };

export function pageBlocks(): PageBlock[] {
  return globSync('*.mdx', { cwd: PAGES })
    .sort()
    .flatMap((file) => blocksOf(basename(file, '.mdx'), readFileSync(join(PAGES, file), 'utf8')));
}

/** Of which it is not enough to be read. */
export function isCommand({ language }: PageBlock): boolean {
  return SHELLS.includes(language);
}

export function blocksOf(page: string, source: string): PageBlock[] {
  const fence = /^( *)(`{3,})(\w*)(.*)\n([\s\S]*?)^\1\2\s*$/gm;
  return [...source.matchAll(fence)].map(([, indent = '', , language = '', meta = '', text = '']) => ({
    page,
    language,
    attributes: Object.fromEntries([...meta.matchAll(/(\w+)="([^"]*)"/g)].map(([, name = '', value = '']) => [name, value])),
    text: text.replaceAll(new RegExp(`^${indent}`, 'gm'), ''),
  }));
}

/** @throws Error when the page has no such block, or two */
export function pageCommand(page: string, name: string): string {
  const named = pageBlocks().filter((block) => block.page === page && block.attributes['test'] === name);
  const [block] = named;
  if (block === undefined || named.length > 1)
    throw new Error(`Expected one block with test="${name}" in self-host/${page}.mdx, found ${named.length}`);
  return block.text;
}

export type CommandPlace = {
  cwd?: string;
  env?: Record<string, string>;
  /** What the page has -> what stands in its place here, such as a port or a folder. Each must be on the page. */
  instead?: Record<string, string>;
  timeoutMs?: number;
};

/** Gives a block of a page to the shell, and returns what it printed. The first line that fails ends it. */
export async function runPageCommand(page: string, name: string, place: CommandPlace = {}): Promise<string> {
  const { cwd = top, env = {}, timeoutMs = 60_000 } = place;
  const script = `set -euo pipefail\n${AS_ROOT}\n${commandHere(page, name, place)}`;
  const options = { cwd, env: { ...process.env, ...env }, timeout: timeoutMs, maxBuffer: 64 * 1024 * 1024 };
  const { stdout, stderr } = await promisify(execFile)('bash', ['-c', script], options);
  return stdout + stderr;
}

/** The text of a block with its `instead`, for a test that keeps it running. */
export function commandHere(page: string, name: string, { instead = {} }: CommandPlace = {}): string {
  return Object.entries(instead).reduce(
    (text, [shown, here]) => {
      if (!text.includes(shown))
        throw new Error(`Expected "${shown}" in block "${name}" of self-host/${page}.mdx, found:\n${text}`);
      return text.replaceAll(shown, here);
    },
    pageCommand(page, name),
  );
}

/** Tests run as root in CI, where sudo need not be. */
const AS_ROOT = 'if [ "$(id -u)" = 0 ]; then sudo() { env "$@"; }; fi';
