import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { showElapsed } from '../../setup/elapsed.mjs';
import { ensureImage } from '../../setup/image-build.ts';
import { ensureSite } from '../../setup/site-build.ts';
import { missing, type Need } from '../require.ts';
import { clusterRows } from './cluster.ts';
import { echoRows } from './echo.ts';
import { evidenceRows } from './evidence.ts';
import { firstByteRows } from './first-byte.ts';
import { labRows } from './labs.ts';
import { languageRows } from './languages.ts';
import { linkRows } from './links.ts';
import { describeMachine, thisMachine } from './machine.ts';
import { manyRows } from './many/many.ts';
import { pageRunRows } from './page-run.ts';
import { pageWeightRows } from './page-weight.ts';
import type { Place } from './place.ts';
import { openQuiet } from './quiet.ts';
import { compare, isMet, type Row } from './row.ts';
import { sandboxStartRows } from './sandbox-start.ts';
import { secondStartRows } from './second-start.ts';
import { toTable } from './table.ts';
import { throughputRows } from './throughput.ts';

/**
 * `npm run bench`: how fast the project is, beside the same thing without it. A figure over its target is told, and is no
 * failure: machines differ. The exit code is 1 when something could not be measured.
 */
const USAGE = 'npm run bench -- [PART...] [--rounds N] [--languages ID,ID...] [--seconds N] [--json]';

type Part = { title: string; needs: Need; rows: (place: Place) => Promise<Row[]> };

const PARTS: Record<string, Part> = {
  start: { title: 'the second start', needs: 'lab', rows: secondStartRows },
  sandbox: { title: 'the sandbox', needs: 'lab', rows: sandboxStartRows },
  'first-byte': { title: 'first bytes', needs: 'lab', rows: firstByteRows },
  languages: { title: 'languages', needs: 'lab', rows: languageRows },
  page: { title: 'the weight of pages', needs: 'chromium', rows: pageWeightRows },
  'page-run': { title: 'a page that shows a run', needs: 'lab', rows: pageRunRows },
  labs: { title: 'labs', needs: 'lab', rows: labRows },
  links: { title: 'two links', needs: 'lab', rows: linkRows },
  many: { title: 'many learners', needs: 'lab', rows: manyRows },
  cluster: { title: 'a cluster', needs: 'proxies', rows: clusterRows },
  terminal: {
    title: 'the terminal',
    needs: 'lab',
    rows: async (place) => [...(await throughputRows(place)), ...(await echoRows(place))],
  },
  evidence: { title: 'evidence', needs: 'lab', rows: evidenceRows },
};

/** So long the bench waits in all for others to leave the machine alone. */
const PATIENCE_MS = 60_000;

const scratch = mkdtempSync(join(tmpdir(), 'hello-mptcp-bench-'));
process.once('exit', () => rmSync(scratch, { recursive: true }));
for (const name of ['SIGINT', 'SIGTERM', 'SIGHUP', 'disconnect'] as const) process.once(name, () => process.exit(1));
process.channel?.unref();

await main();

async function main(): Promise<void> {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: {
      json: { type: 'boolean', default: false },
      rounds: { type: 'string', default: '30' },
      languages: { type: 'string', default: '' },
      seconds: { type: 'string', default: '60' },
    },
  });
  const rounds = Number(values.rounds);
  const seconds = Number(values.seconds);
  const languages = values.languages.split(',').filter((name) => name !== '');
  const unknown = positionals.find((name) => PARTS[name] === undefined);
  if (unknown !== undefined) return fail(`No part "${unknown}". Known: ${Object.keys(PARTS).join(', ')}\n${USAGE}`);
  if (!Number.isInteger(rounds) || rounds < 1) return fail(`--rounds: expected a number, found "${values.rounds}"\n${USAGE}`);

  if (!Number.isInteger(seconds) || seconds < 1) return fail(`--seconds: expected a number, found "${values.seconds}"\n${USAGE}`);

  await ensureImage();
  const fault = await ensureSite();
  if (fault !== null) return fail(fault);

  const chosen = Object.entries(PARTS).filter(([name]) => positionals.length === 0 || positionals.includes(name));
  const quiet = openQuiet(PATIENCE_MS);
  const rows: Row[] = [];
  const notMeasured: string[] = [];
  for (const [, part] of chosen) {
    const measured = await measure(part, { scratch, rounds, languages, seconds, quiet });
    if (typeof measured === 'string') notMeasured.push(`${part.title}: ${measured}`);
    else rows.push(...measured);
  }

  const machine = thisMachine();
  if (values.json) {
    const told = rows.map((row) => ({ ...row, compared: compare(row), met: isMet(row) }));
    console.log(JSON.stringify({ machine, samples: quiet.counts(), rows: told, notMeasured }, null, 2));
  } else {
    console.log(toTable(rows));
    for (const line of notMeasured) console.log(`\nNot measured: ${line}`);
    const samples = quiet.counts();
    console.log(`\n${describeMachine(machine)}; ${samples.quiet} of ${samples.all} samples began in a quiet moment`);
  }
  if (notMeasured.length > 0) process.exitCode = 1;
}

/** The rows, or why there are none. */
async function measure({ title, needs, rows }: Part, place: Place): Promise<Row[] | string> {
  const lacking = await missing(needs);
  if (lacking !== false) return lacking;
  const display = showElapsed(`Measuring ${title}`);
  try {
    const measured = await rows(place);
    display.end(`Measured ${title}`);
    return measured;
  } catch (error) {
    display.end(`Measuring ${title} failed`);
    return error instanceof Error ? error.message : String(error);
  }
}

function fail(message: string): void {
  console.error(message);
  process.exitCode = 2;
}
