import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import type { FromRunner } from '../../protocol/message.ts';
import { describeRunEnd } from '../../protocol/run-end.ts';
import { eventually } from '../lab/runner.ts';
import { type Visitor, visit } from '../lab/visitor.ts';
import { missing } from '../require.ts';
import { type BreakableRunner, holdersOf, missingBreakable, startBreakable } from './broken-machine.ts';
import { openReport } from './report.ts';

const skip = (await missing('lab')) || missingBreakable();

/** Short, since some tools below never answer. */
const LAB_SECONDS = '2';

/** What a machine can do to its runner; `carryOut` resolves with what was told, and throws when that is not what must be. */
type Fault = { fault: string; expected: string; carryOut: (runner: BreakableRunner) => Promise<string>; mend?: string };

const gone = (...tools: string[]) => tools.map((tool) => `rm -f "$root"/usr/bin/${tool} "$root"/usr/sbin/${tool}`).join('\n');
const hangs = (tool: string) =>
  `for place in bin sbin; do
  if [ -e "$root/usr/$place/${tool}" ]; then rm "$root/usr/$place/${tool}"; printf '#!/bin/sh\\nexec sleep 86400\\n' >"$root/usr/$place/${tool}"; chmod +x "$root/usr/$place/${tool}"; fi
done`;
const mended = (tool: string) =>
  `for place in bin sbin; do
  if [ -e "$lower/root/usr/$place/${tool}" ]; then rm -f "$root/usr/$place/${tool}"; cp -a "$lower/root/usr/$place/${tool}" "$root/usr/$place/"; fi
done`;
/** Sockets are listed while a connection is open; a hello may be over before the first look. */
const STAYS_CONNECTED = `
import socket, time
connection = socket.create_connection(("server.lab", 8262))
time.sleep(60)
`;
const hostGone = (tool: string) => `rm /usr/bin/${tool}`;
const hostHangs = (tool: string) =>
  `rm /usr/bin/${tool}; printf '#!/bin/sh\\nexec sleep 86400\\n' >/usr/bin/${tool}; chmod +x /usr/bin/${tool}`;
const hostMended = (tool: string) => `rm -f /usr/bin/${tool}; cp -a "$usr/${tool}" /usr/bin/${tool}`;

/** A learner who presses Run: what the runner says about it. */
const notMade = async (runner: BreakableRunner): Promise<string> => {
  await using visitor = await visit(runner.address);
  visitor.run(1, 'client', 'python', { 'client.py': 'print("ran")' });
  const { message } = await visitor.until('error');
  const { end } = await visitor.until('run-ended');
  assert.match(message, /could not be made/);
  return `${message.split('.')[0]}; ${describeRunEnd(end)}`;
};
const logNames = (runner: BreakableRunner, word: RegExp) =>
  eventually(`the log names ${word.source}`, () => word.test(runner.log()));

/** A hello over Multipath TCP, between two programs. */
const hello = async (visitor: Visitor, first = 1): Promise<string> => {
  visitor.run(first, 'server', 'python');
  visitor.run(first + 1, 'client', 'python');
  const { verdict } = await visitor.until('verdict', ({ run, final }) => run === first + 1 && final);
  assert.equal(verdict.kind, 'multipath');
  return verdict.headline;
};

const toolFaults = (['ip', 'tc', 'sysctl', 'nsenter', 'awk'] as const).map(
  (tool): Fault => ({
    fault: `the image lacks ${tool}`,
    expected: 'the learner is told, the log names it',
    async carryOut(runner) {
      await runner.inside(gone(tool));
      const told = await notMade(runner);
      await logNames(runner, new RegExp(`${tool}.*not found|${tool}: No such file|failed to execute`));
      return told;
    },
    mend: mended(tool),
  }),
);

const OTHER_FAULTS: Fault[] = [
  {
    fault: 'ip never answers, while a lab is made',
    expected: 'the learner is told, the log has its command',
    async carryOut(runner) {
      await runner.inside(hangs('ip'));
      const told = await notMade(runner);
      await logNames(runner, /no answer within 2000 ms/);
      return told;
    },
    mend: mended('ip'),
  },
  {
    fault: 'ss never answers, in the middle of a run',
    expected: 'that lab ends, the next Run works',
    async carryOut(runner) {
      await using visitor = await visit(runner.address);
      await hello(visitor);
      await runner.inside(hangs('ss'));
      visitor.run(3, 'server', 'python');
      visitor.run(4, 'client', 'python', { 'client.py': STAYS_CONNECTED });
      const { why } = await visitor.until('lab-closed');
      await logNames(runner, /lab lost/);
      await runner.inside(mended('ss'));
      return `${why} ${await hello(visitor, 5)}`;
    },
  },
  {
    fault: 'nft never answers, when a condition is switched',
    expected: 'told, the next Run works',
    async carryOut(runner) {
      await using visitor = await visit(runner.address);
      await hello(visitor);
      await runner.inside(hangs('nft'));
      visitor.say({ type: 'condition', request: 1, condition: { kind: 'syn-dropped', dropped: true } });
      const { message } = await visitor.until('error', ({ request }) => request === 1);
      await visitor.until('lab-closed');
      await runner.inside(mended('nft'));
      return `${message.split('.')[0]}. ${await hello(visitor, 3)}`;
    },
  },
  {
    fault: 'tcpdump never answers, when packets are wanted',
    expected: 'told, the run goes on without them',
    async carryOut(runner) {
      await runner.inside(hangs('tcpdump'));
      await using visitor = await visit(runner.address);
      visitor.say({ type: 'packets', wanted: true });
      const verdict = await hello(visitor);
      const { message } = await visitor.until('error');
      return `${message.split('.')[0]}. ${verdict}`;
    },
    mend: mended('tcpdump'),
  },
  {
    fault: 'the image lacks tcpdump',
    expected: 'told, the run goes on without packets',
    async carryOut(runner) {
      await runner.inside(gone('tcpdump'));
      await using visitor = await visit(runner.address);
      visitor.say({ type: 'packets', wanted: true });
      const verdict = await hello(visitor);
      const { message } = await visitor.until('error');
      return `${message.split('.')[0]}. ${verdict}`;
    },
    mend: mended('tcpdump'),
  },
  {
    fault: 'the image lacks ss',
    expected: 'the verdict is had without it',
    async carryOut(runner) {
      await runner.inside(gone('ss'));
      await using visitor = await visit(runner.address);
      return await hello(visitor);
    },
    mend: mended('ss'),
  },
  {
    fault: 'the image lacks nft',
    expected: 'told, and nothing has changed',
    async carryOut(runner) {
      await runner.inside(gone('nft'));
      await using visitor = await visit(runner.address);
      visitor.say({ type: 'condition', request: 1, condition: { kind: 'syn-dropped', dropped: true } });
      const { code, message } = await visitor.until('error');
      assert.match(message, /nft: (not found|No such)|execute nft/);
      await hello(visitor);
      return `${code}, the lab goes on`;
    },
    mend: mended('nft'),
  },
  ...(['bwrap', 'setpriv'] as const).flatMap((tool): Fault[] => [
    {
      fault: `the machine lacks ${tool}`,
      expected: 'the learner is told, the log names it',
      async carryOut(runner) {
        await runner.inside(hostGone(tool));
        const told = await notMade(runner);
        await logNames(runner, new RegExp(`${tool}.*ENOENT|${tool}.*No such file`));
        return told;
      },
      mend: hostMended(tool),
    },
    {
      fault: `${tool} of the machine never answers`,
      expected: 'the learner is told, the log names it',
      async carryOut(runner) {
        await runner.inside(hostHangs(tool));
        const told = await notMade(runner);
        await logNames(runner, /made no lab within 2000 ms/);
        return told;
      },
      mend: hostMended(tool),
    },
  ]),
  {
    fault: 'bwrap of the machine becomes setuid',
    expected: 'refused, the log says how to mend it',
    async carryOut(runner) {
      await runner.inside('chmod u+s /usr/bin/bwrap');
      const told = await notMade(runner);
      await logNames(runner, /setuid.*chmod u-s/);
      return told;
    },
    mend: hostMended('bwrap'),
  },
  {
    fault: 'the image is removed beneath a runner that serves',
    expected: 'told as such, also to a balancer; goes on when it is made again',
    async carryOut(runner) {
      await using visitor = await visit(runner.address);
      await hello(visitor);
      await runner.inside('rm -rf "$image/tools" "$root/usr/bin/bwrap" "$root/usr/bin/python3"');
      visitor.run(3, 'client', 'python', { 'client.py': 'print("ran")' });
      const seen = await visitor.until('error', ({ run }) => run === 3);
      assert.match(seen.message, /image that programs run in is gone/);
      await using another = await visit(runner.address);
      another.run(1, 'client', 'python', { 'client.py': 'print("ran")' });
      const { message } = await another.until('error');
      assert.match(message, /image that programs run in is gone/);
      assert.equal((await fetch(new URL('readyz', runner.address))).status, 503);
      const status = await (await fetch(new URL('api/status', runner.address))).json();
      assert.equal(status.image.state, 'absent');
      return message.split('.')[0] ?? '';
    },
    mend: 'cp -a "$lower/tools" "$image/"; for tool in bwrap python3; do cp -a "$lower/root/usr/bin/$tool" "$root/usr/bin/"; done',
  },
];

/** Programs that are in the middle of something when their lab is killed. */
const SENDS =
  'import socket\ns = socket.socket(socket.AF_INET, socket.SOCK_STREAM, 262)\ns.connect(("server.lab", 8262))\nprint("sending")\nwhile True: s.send(bytes(65536))';
const TAKES =
  'import socket\ns = socket.socket(socket.AF_INET, socket.SOCK_STREAM, 262)\ns.bind(("0.0.0.0", 8262))\ns.listen()\nc, _ = s.accept()\nwhile c.recv(65536): pass';

const STAGES: { stage: string; reach: (visitor: Visitor) => Promise<FromRunner>; runs: number }[] = [
  {
    stage: 'between two runs',
    async reach(visitor) {
      await hello(visitor);
      return visitor.until('verdict');
    },
    runs: 0,
  },
  {
    stage: 'during a build',
    reach(visitor) {
      visitor.run(11, 'client', 'c', { 'client.c': '#include <stdio.h>\nint main(void) { puts("built"); }\n' });
      return visitor.until('run-phase', ({ phase }) => phase === 'building');
    },
    runs: 1,
  },
  {
    stage: 'while its client waits for its server',
    reach(visitor) {
      visitor.run(11, 'server', 'python', { 'server.py': 'import time\ntime.sleep(60)' });
      visitor.run(12, 'client', 'python');
      return visitor.until('run-phase', ({ phase }) => phase === 'waiting');
    },
    runs: 2,
  },
  {
    stage: 'in the middle of a transfer, with packets',
    reach(visitor) {
      visitor.say({ type: 'packets', wanted: true });
      visitor.run(11, 'server', 'python', { 'server.py': TAKES });
      visitor.run(12, 'client', 'python', { 'client.py': SENDS });
      return visitor.until('evidence', ({ evidence }) => (evidence.links.wifi?.sentBytes ?? 0) > 100_000);
    },
    runs: 2,
  },
  {
    stage: 'while a condition is switched',
    async reach(visitor) {
      await hello(visitor);
      for (let request = 1; request <= 20; request++) {
        visitor.say({ type: 'condition', request, condition: { kind: 'mptcp-enabled', enabled: request % 2 === 0 } });
      }
      return visitor.until('conditions', ({ request }) => request !== null);
    },
    runs: 0,
  },
];

describe('faults of the machine', { skip }, () => {
  const report = openReport('What breaks beneath a runner');
  let runner: BreakableRunner;
  before(async () => {
    runner = await startBreakable({ settings: { LAB_SECONDS } });
    await using visitor = await visit(runner.address);
    await hello(visitor);
  });
  after(async () => {
    report.print();
    // Fails when a process or a control group is left.
    await runner[Symbol.asyncDispose]();
  });

  for (const { fault, expected, carryOut, mend } of [...toolFaults, ...OTHER_FAULTS]) {
    test(`${fault}: ${expected}; and then it runs programs again`, async () => {
      const seen = await carryOut(runner).finally(() => mend === undefined || runner.inside(mend));
      report.add({ attack: fault, expected, seen: seen.slice(0, 90) });
      assert.ok(runner.isAlive(), runner.log());
      await using visitor = await visit(runner.address);
      await hello(visitor);
    });
  }

  for (const { stage, reach, runs } of STAGES) {
    test(`kill -9 of a lab's holder ${stage}: told, nothing is left, the next Run works`, async () => {
      await using visitor = await visit(runner.address);
      await reach(visitor);
      const [holder] = holdersOf(runner.pid);
      // The number 0 would be this test's own group of processes.
      process.kill(holder ?? assert.fail('expected a lab, found none'), 'SIGKILL');
      await visitor.until('lab-closed');
      for (let run = 11; run < 11 + runs; run++) {
        const { end } = await visitor.until('run-ended', (event) => event.run === run);
        assert.match(describeRunEnd(end), /lab was lost/);
      }
      await eventually('no lab is left', () => holdersOf(runner.pid).length === 0);
      report.add({
        attack: `kill -9 of a lab's holder ${stage}`,
        expected: 'told, the next Run works',
        seen: await hello(visitor, 21),
      });
    });
  }
});
