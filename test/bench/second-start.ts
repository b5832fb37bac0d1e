import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createServer, get } from 'node:http';
import { join } from 'node:path';
import { alternate, figureOf } from './figure.ts';
import type { Place } from './place.ts';
import type { Row } from './row.ts';

const TOP = join(import.meta.dirname, '../..');
/** A start takes seconds: fewer rounds than for what takes milliseconds. */
const ROUNDS = 5;
const POLL_MS = 5;
const DEADLINE_MS = 120_000;

const BARE_SERVER = `
const page = require('node:fs').readFileSync('dist/index.html');
require('node:http').createServer((request, response) => response.end(page)).listen(process.env.PORT, '127.0.0.1');`;

/** `npm start` where everything is made already, until the first page is there, and until a lab can be had. */
export async function secondStartRows({ quiet }: Place): Promise<Row[]> {
  // The first start makes what is missing.
  await timeOfAnswer(['npm', 'start'], '/');
  const { nothing, server, page, lab } = await alternate(ROUNDS, quiet, {
    nothing: () => timeOfEnd([process.execPath, '-e', '']),
    server: () => timeOfAnswer([process.execPath, '-e', BARE_SERVER], '/'),
    page: () => timeOfAnswer(['npm', 'start'], '/'),
    lab: () => timeOfAnswer(['npm', 'start'], '/readyz'),
  });
  const row = (what: string, measured: number[], target: Row['target']): Row => ({
    what,
    unit: 'ms',
    measured: figureOf(measured),
    baseline: { what: 'bare static server', figure: figureOf(server) },
    target,
  });
  return [
    row('npm start, second time, to first page', page, { kind: 'less-than', value: 5_000 }),
    row('npm start, second time, to first lab', lab, null),
    { what: "node -e '', start to end", unit: 'ms', measured: figureOf(nothing), baseline: null, target: null },
  ];
}

async function timeOfEnd([program = '', ...args]: string[]): Promise<number> {
  const startedAt = performance.now();
  await once(spawn(program, args, { stdio: 'ignore' }), 'exit');
  return performance.now() - startedAt;
}

/** Milliseconds from the start of a server until GET gives 200. The server is ended again. */
async function timeOfAnswer([program = '', ...args]: string[], path: string): Promise<number> {
  const port = await freePort();
  const startedAt = performance.now();
  // A process group of its own: npm starts a shell, which starts Node, which starts Node.
  const child = spawn(program, args, { cwd: TOP, stdio: 'ignore', detached: true, env: { ...process.env, PORT: String(port) } });
  const endAtExit = () => endGroup(child);
  process.once('exit', endAtExit);
  try {
    while (!(await answers(port, path))) {
      if (child.exitCode !== null) throw new Error(`${program} ${args[0]} ended with ${child.exitCode} before it served`);
      if (performance.now() - startedAt > DEADLINE_MS) throw new Error(`No answer within ${DEADLINE_MS} ms: GET ${path}`);
      await new Promise((resolve) => setTimeout(resolve, POLL_MS));
    }
    return performance.now() - startedAt;
  } finally {
    endGroup(child);
    if (child.exitCode === null && child.signalCode === null) await once(child, 'exit');
    while (isGroupAlive(child)) await new Promise((resolve) => setTimeout(resolve, POLL_MS));
    process.removeListener('exit', endAtExit);
  }
}

function answers(port: number, path: string): Promise<boolean> {
  const { promise, resolve } = Promise.withResolvers<boolean>();
  get({ host: '127.0.0.1', port, path, agent: false }, (response) => {
    response.resume();
    resolve(response.statusCode === 200);
  }).on('error', () => resolve(false));
  return promise;
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  server.close();
  await once(server, 'close');
  if (address === null || typeof address === 'string') throw new Error('Expected a port, found none');
  return address.port;
}

function endGroup(child: ChildProcess): void {
  if (isGroupAlive(child)) process.kill(-(child.pid ?? 0), 'SIGTERM');
}

function isGroupAlive({ pid }: ChildProcess): boolean {
  try {
    return pid !== undefined && process.kill(-pid, 0);
  } catch {
    return false;
  }
}
