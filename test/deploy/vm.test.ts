import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { after, before, describe, test } from 'node:test';
import { makeVmImage, usualFolder } from '../../deploy/vm/image.ts';
import { type Seen, totals } from '../../protocol/check/seen.ts';
import type { Condition } from '../../protocol/condition.ts';
import type { Lesson } from '../../protocol/lesson/lesson.ts';
import { lesson } from '../../site/lessons/scheduler.ts';
import { doLesson } from '../lab/do-lesson.ts';
import { openTestShell, type TestShell } from '../lab/test-shell.ts';
import { type Visitor, visit } from '../lab/visitor.ts';
import { launchBrowser } from '../page/browser.ts';
import { openLabPage } from '../page/lab-page.ts';
import { missing } from '../require.ts';
import { freePort, portOf } from './free-port.ts';
import { type Machine, startMachine } from './machine.ts';
import { commandHere, runPageCommand } from './page-commands.ts';
import { thinkForASecond, untilBothLinks } from './two-subflows.ts';

const skip = (await missing('lab')) || (await missing('qemu'));
const withoutBrowser = await missing('chromium');

// Of another image than the one that was asked for: that of two languages is made in less than a minute, of all in five.
process.env['LANGUAGES'] = 'c,python';
const folder = usualFolder();

/**
 * An emulated processor does not fill 20 and 10 Mbit/s, so links have a fifth of that, and their delays as ever. It wakes programs
 * up late, too, so the steps with little data are for a real one, and so are the mistakes (test/lab/lessons.test.ts).
 */
const lessonHere: Lesson = {
  ...lesson,
  setup: [
    { change: { kind: 'link-rate', link: 'wifi', rateKbit: 4_000 } },
    { change: { kind: 'link-rate', link: 'cellular', rateKbit: 2_000 } },
    ...(lesson.setup ?? []),
  ],
  steps: lesson.steps.filter(({ id }) => id === 'full').map((step) => ({ ...step, mistakes: [] })),
};

/** Emulated, a machine takes its time, and more where others work beside it. */
const patienceMs = 120_000;

describe('the virtual machine', { skip }, () => {
  let machine: Machine;
  before(async () => {
    const instead = { '--out hello-mptcp-vm': `--out ${folder} --compression lz4` };
    const made = await runPageCommand('vm', 'build', { instead, timeoutMs: 240_000 });
    assert.match(made, /Made .* Linux \S+-cloud-\S+: kernel [\d.]+ MB, initrd [\d.]+ MB, root\.squashfs [\d.]+ MB, in \d+ s/);
    const port = await freePort();
    // runPageCommand('vm', 'start') would wait for its end.
    machine = await startMachine(`${commandHere('vm', 'start').trim()} -- --port ${port}`);
  });
  after(() => machine?.[Symbol.asyncDispose]());

  test('serves its pages, at the address that is printed', async (t) => {
    t.diagnostic(/Ready in .*/.exec(machine.printed())?.[0] ?? '');
    assert.match(await (await fetch(new URL('languages/python/', machine.address))).text(), /IPPROTO_MPTCP/);
    const status = await (await fetch(new URL('api/status', machine.address))).json();
    assert.match(status.kernel.release, /-cloud-/);
    assert.deepEqual([status.image.state, status.join], ['ready', 'open']);
  });

  test("bounds runs by control groups, which are the runner's although it is not root", () => {
    assert.doesNotMatch(machine.console(), /no control groups/);
  });

  // Emulated, a lab takes seconds to be made.
  describe('in one lab', () => {
    let visitor: Visitor;
    before(async () => {
      visitor = await visit(machine.address, { patienceMs });
    });
    after(() => visitor[Symbol.asyncDispose]());

    test('runs a hello with two subflows', async () => {
      visitor.run(1, 'server', 'python', thinkForASecond());
      visitor.run(2, 'client', 'python', thinkForASecond());
      await untilBothLinks(visitor);
    });

    test('has real delays: what a link adds is what a ping takes', async (t) => {
      const shell = await openTestShell(visitor, 3, 'client');
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
  });

  test('runs the program of a page in a browser: Multipath TCP, by the kernel of the machine', {
    skip: withoutBrowser,
  }, async () => {
    await using browser = { chromium: await launchBrowser(), [Symbol.asyncDispose]: () => browser.chromium.close() };
    await using lab = await openLabPage(browser.chromium, new URL('languages/python/', machine.address), { patienceMs });
    await lab.button('Run').click();
    await lab.verdict('Multipath TCP');
    await lab.shows('client', 'hello 10.0.1.2, I am python');
    assert.match(
      (await lab.page.getByText(/^What Linux \S+ reported/).textContent()) ?? '',
      /^What Linux \S+-cloud-\S+ reported/,
    );
  });

  test('shows what the lesson on schedulers says of much data, with delays', async (t) => {
    const passed = (step: string, { attempts }: Seen) => {
      const { wifi = 0, cellular = 0 } = totals(attempts.at(-1)?.evidence?.links ?? {});
      t.diagnostic(`${step}: ${Math.round((100 * wifi) / (wifi + cellular))} % over Wi-Fi`);
    };
    await doLesson(machine.address, lessonHere, { patienceMs, passed });
  });

  test('is turned off by a Ctrl-C that is typed; nothing of it is left, and the terminal is as it was', async () => {
    const { code, files, processes, modes } = await machine.interrupt();
    assert.deepEqual({ code, files, processes }, { code: '0', files: [], processes: [] });
    assert.match(modes.before, /intr = \^C;.*\bisig icanon\b/s);
    assert.equal(modes.after, modes.before);
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

  test('is the same when it is made once more, byte for byte', async (t) => {
    const again = mkdtempSync(join(tmpdir(), 'hello-machine-again-'));
    t.after(() => rmSync(again, { recursive: true }));
    const { folder: second } = await makeVmImage(join(again, 'machine'), 'lz4', false);
    const names = readdirSync(folder).sort();
    assert.ok(names.includes('root.squashfs'));
    assert.deepEqual(readdirSync(second).sort(), names);
    for (const name of names) {
      assert.ok(readFileSync(join(folder, name)).equals(readFileSync(join(second, name))), `${name} differs`);
    }
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
    assert.doesNotMatch(stderr, /emulated/, 'which would not help');
  });

  test('names an option that is not one', async () => {
    assert.deepEqual(await start('--ports', '1'), { code: 2, stderr: 'No option --ports: "sh start.sh --help" lists them\n' });
  });
});

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
