import type { Browser, BrowserContextOptions, Locator, Page } from 'playwright-core';
import type { RunHost } from '../../protocol/manifest.ts';

/** A visitor of a page with a lab, who finds everything by its accessible name. */
export type LabPage = AsyncDisposable & {
  page: Page;
  button(name: 'Run' | 'Stop' | 'Reset' | 'Copy' | 'Edit' | 'Play' | 'Pause'): Locator;
  tab(file: string): Locator;
  /** The shown file, once it is an editor. */
  editor(file: string): Locator;
  terminal(host: RunHost): Locator;
  /** Resolves once the terminal shows this text, however its lines are broken. */
  shows(host: RunHost, text: string): Promise<void>;
  /** Resolves once the verdict starts with these words, a regular expression. */
  verdict(start: string): Promise<void>;
  notice(text: string): Promise<void>;
  /** Replaces each occurrence in a file, by the editor's own search. */
  replace(file: string, from: string, to: string): Promise<void>;
  /** Types at the end of a file. */
  append(file: string, text: string): Promise<void>;
};

const TERMINALS: Record<RunHost, string> = { client: 'Client terminal', server: 'Server terminal' };

/** `patienceMs`: how long it waits for anything. */
type LabPageOptions = BrowserContextOptions & { patienceMs?: number };

export async function openLabPage(browser: Browser, url: URL, { patienceMs, ...options }: LabPageOptions = {}): Promise<LabPage> {
  const context = await browser.newContext({ viewport: { width: 1440, height: 900 }, ...options });
  if (patienceMs !== undefined) context.setDefaultTimeout(patienceMs);
  const page = await context.newPage();
  await page.goto(url.href);

  const button: LabPage['button'] = (name) => page.getByRole('button', { name, exact: true });
  const tab = (file: string) => page.getByRole('tab', { name: file });
  const editor = (file: string) => page.getByRole('textbox', { name: file, exact: true });
  const terminal = (host: RunHost) => page.getByRole('region', { name: TERMINALS[host], exact: true });
  const edit = async (file: string) => {
    await tab(file).click();
    await button('Edit').click();
    await page.locator(':focus').and(editor(file)).waitFor();
  };

  return {
    page,
    button,
    tab,
    editor,
    terminal,
    async shows(host, text) {
      const isShown = ({ name, wanted }: { name: string; wanted: string }) => {
        const rows = [...document.querySelectorAll(`[aria-label="${name}"] [role=listitem]`)].map((row) => row.textContent);
        return rows.join('').replaceAll(/\s/g, '').includes(wanted);
      };
      await page.waitForFunction(isShown, { name: TERMINALS[host], wanted: text.replaceAll(/\s/g, '') }).catch(async (error) => {
        const found = await terminal(host).getByRole('listitem').allTextContents();
        throw new Error(`Expected "${text}" in the ${host}'s terminal, found:\n${found.join('\n').trimEnd()}`, { cause: error });
      });
    },
    async verdict(start) {
      const verdict = page.getByRole('status', { name: 'Verdict', exact: true });
      await verdict
        .filter({ hasText: startOf(start) })
        .waitFor()
        .catch(async (error) => {
          throw new Error(`Expected the verdict "${start}", found:\n${await verdict.textContent()}`, { cause: error });
        });
    },
    notice: (text) => page.getByRole('alert').filter({ hasText: text }).waitFor(),
    async replace(file, from, to) {
      await edit(file);
      await page.keyboard.press('Control+f');
      await page.getByRole('textbox', { name: 'Find' }).fill(from);
      await page.getByRole('textbox', { name: 'Replace' }).fill(to);
      await page.getByRole('button', { name: 'replace all' }).click();
      await page.keyboard.press('Escape');
    },
    async append(file, text) {
      await edit(file);
      await page.keyboard.press('Control+End');
      await page.keyboard.type(text);
    },
    [Symbol.asyncDispose]: () => context.close(),
  };
}

const startOf = (text: string) => new RegExp(`^\\s*${text}`, 's');
