import { cpSync, existsSync, mkdtempSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { buildName, buildsDir, cacheNames, cachesDir } from '../../image/location.ts';
import { readLanguages } from '../../image/recipe.ts';
import type { Snippet } from '../../protocol/manifest.ts';
import { readSnippets } from '../../protocol/read-snippets.ts';
import { type BareServer, type BareServers, openBareServers } from './bare-servers.ts';
import { type Client, openClient } from './client.ts';
import { editedSource } from './edit.ts';
import { alternate, figureOf } from './figure.ts';
import type { Place } from './place.ts';
import type { Row } from './row.ts';
import { startRunnerProcess } from './runner-process.ts';

/** All languages together stay below four minutes. */
const ROUNDS = 6;

/** From the run message to the first byte of what the program itself says, the compiler's time included. */
const EDITED_BELOW_MS = 1_000;
/** Their compilers alone take longer. */
const EDITED_SLOW_BELOW_MS = 2_000;
const SLOW = ['haskell', 'swift'];
/** What a lab may add to the start of a program that is compiled already. */
const BUILT_OVER_BARE_MS = 30;

/** The server speaks first: its program is measured, alone. Run starts the client's beside it. */
const FIRST_LINE = 'listening on port 8262';

/** How long a learner waits for each language: after an edit, and with the sources as the page shows them. */
export async function languageRows(place: Place): Promise<Row[]> {
  await using runner = await startRunnerProcess({ LABS_WARM: '0' });
  await using client = await openClient(runner.address, { mayWait: true });
  await using bareServers = await openBareServers();
  const rows: Row[] = [];
  for (const snippet of chosenSnippets(place)) rows.push(...(await rowsOf(snippet, { client, bareServers, place })));
  return rows;
}

/** @throws Error for a name that is no language of the image */
function chosenSnippets({ languages }: Place): Snippet[] {
  const inImage = readLanguages();
  const known = readSnippets(join(import.meta.dirname, '../../snippets')).filter(
    ({ id, manifest }) => manifest.kind === 'language' && inImage.includes(id),
  );
  const unknown = languages.find((name) => !known.some(({ id }) => id === name));
  if (unknown !== undefined) throw new Error(`No language "${unknown}". Known: ${known.map(({ id }) => id).join(', ')}`);
  return languages.length === 0 ? known : known.filter(({ id }) => languages.includes(id));
}

type Means = { client: Client; bareServers: BareServers; place: Place };

async function rowsOf(snippet: Snippet, { client, bareServers, place }: Means): Promise<Row[]> {
  const { id, manifest, sources } = snippet;
  const bareServer = bareServerOf(snippet, place.scratch);
  const [file = ''] = manifest.programs.server.files;
  let edits = 0;
  const measurements = {
    edited: () => {
      const text = editedSource(manifest.language, sources[file] ?? '', ++edits);
      return client.firstByteMs('server', id, { [file]: text }, FIRST_LINE);
    },
    built: () => client.firstByteMs('server', id, {}, FIRST_LINE),
    bare: () => bareServers.firstByteMs(bareServer, FIRST_LINE),
  };
  // Reads compiler and libraries from the disk, and takes the lab.
  for (const measure of Object.values(measurements)) await measure();
  const { edited, built, bare } = await alternate(Math.min(place.rounds, ROUNDS), place.quiet, measurements);

  const isCompiled = manifest.programs.server.build !== undefined;
  return [
    {
      what: `${manifest.title}, edited: run message to first byte`,
      unit: 'ms',
      measured: figureOf(edited),
      baseline: { what: isCompiled ? 'built already' : 'unchanged', figure: figureOf(built) },
      target: { kind: 'less-than', value: SLOW.includes(id) ? EDITED_SLOW_BELOW_MS : EDITED_BELOW_MS },
    },
    {
      what: `${manifest.title}, ${isCompiled ? 'built already' : 'unchanged'}: run message to first byte`,
      unit: 'ms',
      measured: figureOf(built),
      baseline: { what: 'bare bwrap', figure: figureOf(bare) },
      target: { kind: 'at-most-over-baseline', value: BUILT_OVER_BARE_MS },
    },
  ];
}

/** The server with its build result, or with its sources where there is nothing to build, in a folder of its own. */
function bareServerOf(snippet: Snippet, scratch: string): BareServer {
  const { id, manifest, sources } = snippet;
  const { run, files } = manifest.programs.server;
  const cacheName = cacheNames().get(id) ?? null;
  const name = buildName(snippet, 'server', cacheName);
  const workDir = mkdtempSync(join(scratch, `${id}-`));
  if (name === null) for (const file of files) writeFileSync(join(workDir, file), sources[file] ?? '');
  else if (existsSync(join(buildsDir(), name))) cpSync(join(buildsDir(), name), workDir, { recursive: true });
  else throw new Error(`${manifest.title}: expected its build result in ${join(buildsDir(), name)}: "npm run image" makes it`);
  const cache = cacheName === null ? undefined : join(cachesDir(), cacheName);
  return { program: run, workDir, cache, environment: manifest.environment };
}
