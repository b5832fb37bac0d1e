import assert from 'node:assert/strict';
import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, cpSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { promisify } from 'node:util';
import { visit } from '../lab/visitor.ts';
import { missing } from '../require.ts';
import { freePort } from './free-port.ts';

const execute = promisify(execFile);
const UNITS = ['deploy/systemd/hello-mptcp.socket', 'deploy/systemd/hello-mptcp.service'];
/** Of 10, the less the better; 9.2 without any of the unit's protections. Labs need namespaces, mounts and sockets. */
const MOST_EXPOSED = 4;

describe('the units of deploy/systemd/', { skip: await missing('systemd') }, () => {
  let root: string;
  before(() => {
    root = mkdtempSync(join(tmpdir(), 'hello-mptcp-units-'));
    // What is started must be there, and nothing is.
    const node = join(root, 'opt/hello-mptcp/node_modules/.bin/node');
    mkdirSync(join(node, '..'), { recursive: true });
    writeFileSync(node, '');
    chmodSync(node, 0o755);
    mkdirSync(join(root, 'etc/systemd/system'), { recursive: true });
    for (const unit of UNITS) cpSync(unit, join(root, 'etc/systemd/system', unit.split('/').at(-1) ?? ''));
    cpSync('/usr/lib/systemd/system', join(root, 'usr/lib/systemd/system'), { recursive: true, verbatimSymlinks: true });
  });
  after(() => rmSync(root, { recursive: true }));

  test('are understood to the last word', async () => {
    const names = UNITS.map((unit) => unit.split('/').at(-1) ?? '');
    const { stderr } = await execute('systemd-analyze', [`--root=${root}`, '--man=no', 'verify', ...names]);
    const ours = stderr.split('\n').filter((line) => line.includes('hello-mptcp'));
    assert.deepEqual(ours, []);
  });

  test(`leave at most ${MOST_EXPOSED} of 10 exposed`, async (context) => {
    const { stdout } = await execute('systemd-analyze', ['security', '--offline=yes', '--no-pager', UNITS[1] ?? '']);
    const exposed = Number(/Overall exposure level for hello-mptcp\.service: ([\d.]+)/.exec(stdout)?.[1]);
    context.diagnostic(`${exposed} of 10`);
    assert.ok(exposed <= MOST_EXPOSED, stdout);
  });
});

describe('a runner that is handed its socket', { skip: (await missing('systemd')) || (await missing('lab')) }, () => {
  test('takes visitors from the first one on, and shows the socket to no program', async () => {
    await using activated = await activate({ HOST: '127.0.0.1', LABS_WARM: '1', LOG_LEVEL: 'error' });
    // Nothing runs yet: this visitor starts it.
    await using visitor = await visit(activated.address);
    const seen = 'import os; print("open:", sorted(os.listdir("/proc/self/fd"), key=int))';
    visitor.run(1, 'client', 'python', { 'client.py': seen });
    await visitor.until('run-ended');
    assert.match(visitor.output(1), /open: \['0', '1', '2', '3'\]/, '3 is the folder that is being read');
    visitor.say({ type: 'shell', run: 2, host: 'client', snippets: [], columns: 200, rows: 24 });
    await visitor.until('shell-started');
    visitor.type(2, 'ls -l /proc/self/fd/; echo listed\r');
    await visitor.untilOutput(2, 'listed\r\n');
    assert.doesNotMatch(visitor.output(2), /socket:/);
  });

  test('does not take one for its own that strangers can reach', async () => {
    await using activated = await activate({ HOST: '127.0.0.2', LABS_WARM: '0' });
    await assert.rejects(visit(activated.address));
    assert.match(await activated.said(), /HOST: expected 127\.0\.0\.1, the address of the socket .*, found "127\.0\.0\.2"/);
  });
});

/** What systemd does for a unit of a socket: it listens, and starts the runner for the first visitor. */
async function activate(settings: Record<string, string>) {
  const siteDir = mkdtempSync(join(tmpdir(), 'hello-mptcp-site-'));
  writeFileSync(join(siteDir, 'index.html'), '<!doctype html>');
  const port = await freePort();
  const environment = { ...settings, SITE_DIR: siteDir, IMAGE_DIR: process.env['IMAGE_DIR'] ?? '' };
  const set = Object.entries(environment).map(([name, value]) => `--setenv=${name}=${value}`);
  const argv = [`--listen=127.0.0.1:${port}`, '--setenv=PATH', ...set, process.execPath, 'runner/main.ts'];
  const child = spawn('systemd-socket-activate', argv, { stdio: ['ignore', 'ignore', 'pipe'] });
  const exited = once(child, 'exit');
  let said = '';
  const listening = new Promise<void>((resolve) => {
    child.stderr.on('data', (chunk) => {
      said += chunk;
      if (said.includes('Listening on')) resolve();
    });
  });
  await Promise.race([listening, exited]);
  return {
    address: `http://127.0.0.1:${port}/`,
    async said() {
      await exited;
      return said;
    },
    async [Symbol.asyncDispose]() {
      child.kill('SIGTERM');
      await exited;
      rmSync(siteDir, { recursive: true });
    },
  };
}
