import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { readImageState } from '../image/location.ts';
import { decodeFrame } from '../protocol/frame.ts';
import { RUN_HOSTS, type RunHost } from '../protocol/manifest.ts';
import type { FromPage, FromRunner } from '../protocol/message.ts';
import { describeRunEnd } from '../protocol/run-end.ts';
import type { Verdict } from '../protocol/verdict.ts';
import { readConfig } from './config.ts';
import { openSession } from './session/session.ts';
import { openWorld } from './world.ts';

const USAGE = `npm run hello -- run SNIPPET [--json]

Runs a snippet's server and client in a lab of its own and says what the kernel saw. Exit code 0 only when that is what
the snippet promises, 1 when not, 2 for a wrong command.`;

const RUNS: Record<RunHost, number> = { server: 1, client: 2 };

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

  const { verdict, fault, outputs } = await runBoth(world, id, values.json ? () => {} : printLine);
  await admission.close();

  const kept = verdict?.kind === snippet.manifest.promises;
  if (values.json)
    console.log(JSON.stringify({ snippet: id, promises: snippet.manifest.promises, kept, verdict, outputs, fault }, null, 2));
  else printVerdict(verdict, fault, snippet.manifest.promises);
  process.exitCode = kept ? 0 : 1;
}

type Outcome = { verdict: Verdict | null; fault: string | null; outputs: Record<RunHost, string> };
type Print = (host: RunHost, line: string) => void;

/** Takes the part of the page: a session, a server's run, a client's run, until both have ended. */
async function runBoth(world: ReturnType<typeof openWorld>['session'], snippet: string, print: Print): Promise<Outcome> {
  const outcome: Outcome = { verdict: null, fault: null, outputs: { server: '', client: '' } };
  const ended = new Set<RunHost>();
  const done = Promise.withResolvers<void>();
  const size = { columns: 100, rows: 30 };

  const session = openSession(world, {
    sendEvent(event: FromRunner) {
      if (event.type === 'run-phase' && event.phase !== 'waiting') print(event.host, `$ ${event.command}`);
      if (event.type === 'verdict') outcome.verdict = event.verdict;
      if (event.type === 'error') outcome.fault = event.message;
      if (event.type !== 'run-ended') return;
      print(event.host, `(${describeRunEnd(event.end)}, ${Math.round(event.durationMs)} ms)`);
      if (ended.add(event.host).size === RUN_HOSTS.length) done.resolve();
    },
    sendFrame(encoded) {
      const frame = decodeFrame(encoded);
      const host = RUN_HOSTS.find((candidate) => RUNS[candidate] === frame?.run);
      if (frame === null || host === undefined) return;
      const text = Buffer.from(frame.bytes).toString();
      outcome.outputs[host] += text;
      print(host, text.replace(/\r?\n$/, ''));
      // After this turn: the runner counts what it sent before it takes the receipt.
      const bytes = Buffer.byteLength(outcome.outputs[host]);
      setImmediate(() => say({ type: 'acknowledge', run: frame.run, bytes }));
    },
  });
  const say = (message: FromPage) => session.receiveText(JSON.stringify(message));
  say({ type: 'run', run: RUNS.server, snippet, host: 'server', files: {}, ...size });
  say({ type: 'run', run: RUNS.client, snippet, host: 'client', files: {}, ...size });
  await done.promise;
  await session.close('session-closed');
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
