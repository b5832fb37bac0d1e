import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createServer, type Server } from 'node:net';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { after, before, describe, test } from 'node:test';
import { usualFolder } from '../../deploy/vm/image.ts';
import type { Condition } from '../../protocol/condition.ts';
import { applyExperiment } from '../../protocol/manifest.ts';
import { readSnippets } from '../../protocol/read-snippets.ts';
import { openTestShell, type TestShell } from '../lab/test-shell.ts';
import { type Visitor, visit } from '../lab/visitor.ts';
import { missing } from '../require.ts';
import { type Machine, startMachine } from './machine.ts';
import { commandHere, runPageCommand } from './page-commands.ts';

// The image of two languages is made in less than a minute, of all in five.
process.env['LANGUAGES'] = 'c,python';
const folder = usualFolder();

describe('the virtual machine', { skip: (await missing('lab')) || (await missing('qemu')) }, () => {
  let machine: Machine;
  before(async () => {
    const instead = { '--out hello-mptcp-vm': `--out ${folder} --compression lz4` };
    const made = await runPageCommand('vm', 'build', { instead, timeoutMs: 240_000 });
    assert.match(made, /Made .* Linux \S+-cloud-\S+: kernel [\d.]+ MB, initrd [\d.]+ MB, root\.squashfs [\d.]+ MB, in \d+ s/);
    // runPageCommand('vm', 'start') would wait for its end.
    machine = await startMachine(`${commandHere('vm', 'start').trim()} -- --port ${await freePort()}`);
  });
  after(() => machine?.[Symbol.asyncDispose]());

  test('serves its pages, at the address that is printed', async (t) => {
    t.diagnostic(/^Ready in .*$/m.exec(machine.printed())?.[0] ?? '');
    assert.match(await (await fetch(new URL('languages/python/', machine.address))).text(), /IPPROTO_MPTCP/);
    const status = await (await fetch(new URL('api/status', machine.address))).json();
    assert.match(status.kernel.release, /-cloud-/);
    assert.deepEqual([status.image.state, status.join], ['ready', 'open']);
  });

  test("bounds runs by control groups, which are the runner's although it is not root", () => {
    assert.doesNotMatch(machine.console(), /no control groups/);
  });

  test('runs a hello with two subflows', async () => {
    await using visitor = await visit(machine.address);
    visitor.run(1, 'server', 'python', thinkForASecond());
    visitor.run(2, 'client', 'python', thinkForASecond());
    const { verdict } = await visitor.until('verdict', (event) => event.final);
    assert.equal(verdict.kind, 'multipath', JSON.stringify(verdict));
    const [connection] = verdict.kind === 'multipath' ? verdict.connections : [];
    assert.deepEqual(
      connection?.subflows.map(({ link }) => link),
      ['wifi', 'cellular'],
    );
  });

  test('has real delays: what a link adds is what a ping takes', async (t) => {
    await using visitor = await visit(machine.address);
    const shell = await openTestShell(visitor, 1, 'client');
    const { conditions } = await visitor.until('conditions');
    assert.deepEqual(conditions.unavailable, {});
    for (const { link, delayMs } of conditions.links.filter(({ delayMs }) => delayMs !== null)) {
      await isTheDelay(shell, link, delayMs ?? 0, (text) => t.diagnostic(text));
    }
    await impose(visitor, 1, { kind: 'link-delay', link: 'wifi', delayMs: 150 });
    await isTheDelay(shell, 'wifi', 150, (text) => t.diagnostic(text));
    await impose(visitor, 2, { kind: 'link-loss', link: 'wifi', lossPercent: 100 });
    assert.match(await shell.enter('ping -c 2 -i 0.2 -W 1 10.0.9.1'), /100% packet loss/);
  });

  test('is turned off by Ctrl-C, and nothing of it is left', async () => {
    assert.deepEqual(await machine.interrupt(), { code: 0, files: [], processes: [] });
    assert.match(machine.printed(), /The machine is off\.$/m);
    assert.match(machine.console(), /reboot: Power down/);
  });

  test('lacks nothing, says the doctor in it', async () => {
    const found = await runPageCommand('vm', 'doctor', { instead: { 'hello-mptcp-vm': folder }, timeoutMs: 180_000 });
    const lines = found.split('\n').filter((line) => /^(ok|limited|missing) /.test(line));
    assert.ok(lines.length > 10, found);
    assert.deepEqual(
      lines.filter((line) => !line.startsWith('ok')),
      [],
    );
  });

  test('is advised where the kernel of a machine lacks Multipath TCP', async () => {
    assert.match(await runPageCommand('vm', 'wsl'), /^(ok|limited) +Multipath TCP/m);
  });

  test('names a port that is taken', async () => {
    await using taken = createServer().listen(0, '127.0.0.1');
    await once(taken, 'listening');
    const { code, stderr } = await start('--port', String(portOf(taken)));
    assert.equal(code, 1);
    assert.match(stderr, /Could not set up host forwarding rule/);
  });

  test('names an option that is not one', async () => {
    assert.deepEqual(await start('--ports', '1'), { code: 2, stderr: 'No option --ports: "sh start.sh --help" lists them\n' });
  });
});

function thinkForASecond(): Record<string, string> {
  const snippet = readSnippets('snippets').find(({ id }) => id === 'python') ?? assert.fail('no snippet python');
  const experiment = snippet.manifest.experiments.find(({ title }) => title === 'Let the server think for a second');
  if (experiment === undefined) assert.fail('no such experiment');
  return { [experiment.file]: applyExperiment(snippet.sources[experiment.file] ?? '', experiment) };
}

/** Emulation adds to it, now and then much; the least of several pings tells the link's. */
const MOST_ADDED_MS = 50;

/** There and back takes twice the delay, and no more than a little beyond. */
async function isTheDelay(shell: TestShell, link: string, delayMs: number, say: (text: string) => void): Promise<void> {
  const own = link === 'cellular' ? '10.0.2.2' : '10.0.1.2';
  const leastMs = Number(/= ([\d.]+)\//.exec(await shell.enter(`ping -q -c 5 -i 0.2 -I ${own} 10.0.9.1`))?.[1]);
  say(`${link}, ${delayMs} ms each way: a ping takes ${leastMs} ms`);
  assert.ok(leastMs >= 2 * delayMs && leastMs < 2 * delayMs + MOST_ADDED_MS, `${link}: ${leastMs} ms`);
}

async function impose(visitor: Visitor, request: number, condition: Condition): Promise<void> {
  visitor.say({ type: 'condition', request, condition });
  await visitor.until('conditions', (event) => event.request === request);
}

/** The script itself, until it ends. */
async function start(...options: string[]): Promise<{ code: number | null; stderr: string }> {
  const child = spawn('sh', [join(folder, 'start.sh'), ...options], { stdio: ['ignore', 'ignore', 'pipe'] });
  const stderr = text(child.stderr);
  const [code] = await once(child, 'exit');
  return { code, stderr: await stderr };
}

async function freePort(): Promise<number> {
  await using server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  return portOf(server);
}

function portOf(server: Server): number {
  const address = server.address();
  return typeof address === 'object' && address !== null ? address.port : 0;
}
