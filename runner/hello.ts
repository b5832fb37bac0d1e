import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { readImageState } from '../image/location.ts';
import type { RunHost } from '../protocol/manifest.ts';
import { describeRunEnd } from '../protocol/run-end.ts';
import type { Verdict } from '../protocol/verdict.ts';
import { readConfig } from './config.ts';
import { runBoth } from './session/run-both.ts';
import type { SessionWorld } from './session/session.ts';
import { openWorld } from './world.ts';

const USAGE = `npm run hello -- run SNIPPET [--json]

Runs a snippet's server and client in a lab of its own and says what the kernel saw. Exit code 0 only when that is what
the snippet promises, 1 when not, 2 for a wrong command.`;

await main();

async function main(): Promise<void> {
  const { positionals, values } = parseArgs({ allowPositionals: true, options: { json: { type: 'boolean', default: false } } });
  const [verb, id] = positionals;
  if (verb !== 'run' || id === undefined) return fail(USAGE);

  const config = readConfig({ ...process.env, LABS: '1', LABS_WARM: '0' });
  if (readImageState().state !== 'ready') await buildImage();
  const { session: world, admission } = openWorld(config);
  const snippet = world.snippets.find((candidate) => candidate.id === id);
  if (snippet === undefined) return fail(`No snippet "${id}". Known: ${world.snippets.map((known) => known.id).join(', ')}`);

  const { verdict, fault, outputs } = await runSnippet(world, id, values.json ? () => {} : printLine);
  await admission.close();

  const kept = verdict?.kind === snippet.manifest.promises;
  if (values.json)
    console.log(JSON.stringify({ snippet: id, promises: snippet.manifest.promises, kept, verdict, outputs, fault }, null, 2));
  else printVerdict(verdict, fault, snippet.manifest.promises);
  process.exitCode = kept ? 0 : 1;
}

type Outcome = { verdict: Verdict | null; fault: string | null; outputs: Record<RunHost, string> };
type Print = (host: RunHost, line: string) => void;

async function runSnippet(world: SessionWorld, snippet: string, print: Print): Promise<Outcome> {
  const outcome: Outcome = { verdict: null, fault: null, outputs: { server: '', client: '' } };
  await runBoth(
    world,
    { client: snippet, server: snippet, files: {}, columns: 100, rows: 30 },
    {
      event(event) {
        if (event.type === 'run-phase' && event.phase !== 'waiting') print(event.host, `$ ${event.command}`);
        if (event.type === 'verdict') outcome.verdict = event.verdict;
        if (event.type === 'error') outcome.fault = event.message;
        if (event.type === 'run-ended') {
          print(event.host, `(${describeRunEnd(event.end)}, ${Math.round(event.durationMs)} ms)`);
        }
      },
      output(host, { bytes }) {
        const text = Buffer.from(bytes).toString();
        outcome.outputs[host] += text;
        print(host, text.replace(/\r?\n$/, ''));
      },
    },
  );
  return outcome;
}

function printLine(host: RunHost, text: string): void {
  for (const line of text.split(/\r?\n/)) console.log(`${host}  ${line}`);
}

function printVerdict(verdict: Verdict | null, fault: string | null, promised: string): void {
  console.log();
  if (fault !== null) console.log(fault);
  if (verdict === null) return console.log('No verdict: the client did not run.');
  console.log(`${verdict.headline}. ${verdict.explanation}`);
  if (verdict.kind === 'multipath') {
    for (const { flow, link } of verdict.connections.flatMap((connection) => connection.subflows)) {
      console.log(`  ${link ?? '?'}: ${flow.localAddress}:${flow.localPort} -> ${flow.remoteAddress}:${flow.remotePort}`);
    }
  } else console.log(verdict.remedy);
  if (verdict.kind !== promised) console.log(`The snippet promises: ${promised}.`);
}

async function buildImage(): Promise<void> {
  const builder = spawn(process.execPath, [join(import.meta.dirname, '../image/image.ts'), 'build'], { stdio: ['ignore', 2, 2] });
  await once(builder, 'exit');
}

function fail(message: string): void {
  console.error(message);
  process.exitCode = 2;
}
