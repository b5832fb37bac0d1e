import { cpSync, existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { top } from './site-build.ts';

const USAGE = `npm run new-language -- ID TITLE

Starts a language from the Python one: snippets/ID/, its page, its section in the package list. Then change in them
what is still Python's.`;

/** What a new language begins as: the model, under another name. */
const MODEL = { id: 'python', title: 'Python' };

const [id, title] = process.argv.slice(2);
if (id === undefined || title === undefined || !/^[a-z][a-z0-9-]*$/.test(id)) fail(USAGE);
else if (existsSync(join(top, 'snippets', id))) fail(`snippets/${id} is there already.`);
else create(id, title);

function create(language: string, name: string): void {
  const folder = join(top, 'snippets', language);
  const page = join('site/content/docs/languages', `${language}.mdx`);
  // Its recordings are of the model's sources: the new language is recorded anew.
  cpSync(join(top, 'snippets', MODEL.id), folder, { recursive: true, filter: (path) => !path.endsWith('recordings') });

  rewrite(join(folder, 'manifest.json'), (text) => text.replace(`"title": "${MODEL.title}"`, `"title": "${name}"`));
  for (const file of ['client.py', 'server.py']) {
    rewrite(join(folder, file), (text) =>
      text.replaceAll('hello from python', `hello from ${language}`).replace('I am python', `I am ${language}`),
    );
  }
  cpSync(join(top, 'site/content/docs/languages', `${MODEL.id}.mdx`), join(top, page));
  rewrite(join(top, page), (text) =>
    text
      .replaceAll(MODEL.title, name)
      .replace(`snippet: ${MODEL.id}`, `snippet: ${language}`)
      .replace(`<Lab snippet="${MODEL.id}"`, `<Lab snippet="${language}"`),
  );
  rewrite(join(top, 'image/packages.txt'), (text) => `${text.trimEnd()}\n\n[${language}]\npython3\n`);

  console.log(`Made, and works at once as Python does:
  snippets/${language}/               the programs and the manifest
  ${page}   the page
  image/packages.txt             its packages, at the end

Next: npm run image, npm run hello -- run ${language}, npm run record -- ${language}, npm test -- lab/hello`);
}

function rewrite(file: string, change: (text: string) => string): void {
  writeFileSync(file, change(readFileSync(file, 'utf8')));
}

function fail(message: string): void {
  console.error(message);
  process.exitCode = 2;
}
