import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { createInterface } from 'node:readline';
import { after, before, describe, test } from 'node:test';
import { setTimeout } from 'node:timers/promises';
import { usualFolder } from '../../deploy/vm/image.ts';
import { top } from '../../setup/site-build.ts';
import { callAttacks, callProgram, callResults } from '../attack/calls.ts';
import { openReport } from '../attack/report.ts';
import { type Visitor, visit } from '../lab/visitor.ts';
import { missing } from '../require.ts';
import { freePort } from './free-port.ts';
import { type Machine, startMachine } from './machine.ts';
import { commandHere, runPageCommand } from './page-commands.ts';
import { TWO_SUBFLOWS, thinkForASecond, untilBothLinks } from './two-subflows.ts';

// Of the machine that is made, and of all that asks for it below.
Object.assign(process.env, { ARCHITECTURE: 'arm64', LANGUAGES: 'c,python' });

const skip =
  process.env['PROVE_ARM64'] === '1' ? await missing('qemu') : 'makes an image by emulation: asked for by PROVE_ARM64=1';
const folder = usualFolder();

/** Of an image that is made by emulation; it goes on where it was interrupted. */
const MAKE_MS = 3_600_000;
/** The processor is emulated, and others may work beside it. */
const patienceMs = 300_000;

test('programs for arm64 are executed in a namespace that ends with who asked for it, even by SIGKILL', { skip }, async (t) => {
  const ask = `import { emulate } from './image/emulation.ts'; console.log(JSON.stringify(await emulate())); process.stdin.resume();`;
  const asking = spawn(process.execPath, ['--input-type=module', '--eval', ask], {
    cwd: top,
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  const [line] = await once(createInterface({ input: asking.stdout }), 'line');
  const namespace = /--user=(\/proc\/\d+)\//.exec(line)?.[1];
  if (namespace === undefined) t.diagnostic('this whole machine executes them');
  else {
    assert.ok(existsSync(namespace));
    assert.ok(!existsSync('/proc/sys/fs/binfmt_misc/hello-mptcp-arm64'), 'seen outside');
  }
  asking.kill('SIGKILL');
  await once(asking, 'close');
  while (namespace !== undefined && existsSync(namespace)) await setTimeout(10);
});

describe('a machine for arm64, made and emulated by another processor', { skip }, () => {
  const report = openReport('System calls of a program on arm64');
  let machine: Machine;
  let visitor: Visitor;
  before(async () => {
    const made = await runPageCommand('vm', 'build-arm64', {
      instead: { '--out hello-mptcp-arm64': `--out ${folder} --compression lz4` },
      timeoutMs: MAKE_MS,
    });
    assert.match(made, /Made .* Linux \S+-cloud-arm64: kernel/);
    const start = commandHere('vm', 'start-arm64', { instead: { 'hello-mptcp-arm64': folder } }).trim();
    machine = await startMachine(`${start} --port ${await freePort()}`);
    visitor = await visit(machine.address, { patienceMs });
  });
  after(async () => {
    await visitor?.[Symbol.asyncDispose]();
    await machine?.[Symbol.asyncDispose]();
    report.print();
  });

  test('serves its pages, and names its kernel', async (t) => {
    t.diagnostic(/Ready in .*/.exec(machine.printed())?.[0] ?? '');
    assert.match(await (await fetch(new URL('languages/python/', machine.address))).text(), /IPPROTO_MPTCP/);
    const status = await (await fetch(new URL('api/status', machine.address))).json();
    assert.match(status.kernel.release, /-cloud-arm64$/);
    assert.equal(status.image.state, 'ready');
  });

  test('runs a hello with two subflows, and tells them by evidence', async () => {
    visitor.run(1, 'server', 'python', thinkForASecond());
    visitor.run(2, 'client', 'python', { 'client.py': TWO_SUBFLOWS });
    await untilBothLinks(visitor);
    assert.match(visitor.output(2), /hello 10\.0\.1\.2, I am python/);
  });

  test('programs are of its processor', async () => {
    visitor.run(3, 'client', 'python', { 'client.py': 'import os; print(os.uname().machine)' });
    await visitor.until('run-ended', ({ run }) => run === 3);
    assert.equal(visitor.output(3), 'aarch64\r\n');
  });

  test('its kernel filters the system calls of programs by their numbers on arm64', async () => {
    const attacks = callAttacks('arm64');
    visitor.run(4, 'client', 'c', { 'client.c': callProgram(attacks) });
    const { end } = await visitor.until('run-ended', ({ run }) => run === 4);
    assert.deepEqual(end, { kind: 'exit', code: 0 }, visitor.output(4));
    const seen = callResults(visitor.output(4));
    for (const [index, { attack, answer }] of attacks.entries()) {
      report.add({ attack, expected: answer, seen: seen.get(index) ?? 'nothing' });
    }
    for (const [index, { attack, answer }] of attacks.entries()) assert.equal(seen.get(index), answer, attack);
  });

  test('is turned off by its line', async () => {
    const { code, files, processes } = await machine.interrupt();
    assert.deepEqual({ code, files, processes }, { code: '0', files: [], processes: [] });
    assert.match(machine.printed(), /The machine is off\.$/m);
    assert.match(machine.console(), /reboot: Power down/);
  });

  test('lacks nothing, says the doctor in it', async () => {
    const found = await runPageCommand('vm', 'doctor', { instead: { 'hello-mptcp-vm': folder }, timeoutMs: patienceMs });
    const lines = found.split('\n').filter((line) => /^(ok|limited|missing) /.test(line));
    assert.ok(lines.length > 10, found);
    assert.deepEqual(
      lines.filter((line) => !line.startsWith('ok')),
      [],
    );
  });
});
