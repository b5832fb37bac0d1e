import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { after, before, describe, test } from 'node:test';
import { UNACKNOWLEDGED_HIGH_BYTES } from '../../protocol/message.ts';
import { missing } from '../require.ts';
import { eventually, startRunner, type TestRunner } from './runner.ts';
import { visit } from './visitor.ts';

/** Small programs in place of the snippet's client. */
const python = (source: string) => ({ 'client.py': source });

const FORK_BOMB = `
import os, time
print("kept")
while True:
  try: os.fork()
  except OSError: time.sleep(60)`;

describe('a run', { skip: await missing('lab') }, () => {
  let runner: TestRunner;
  before(async () => {
    runner = await startRunner({ RUN_CPU_SECONDS: '1', RUN_SECONDS: '4', RUN_OUTPUT_MIB: '8' });
  });
  after(() => runner[Symbol.asyncDispose]());

  test('a reader that stalls for seconds gets every byte, and then the exit status', async () => {
    await using visitor = await visit(runner.address);
    const lines = 100_000;
    visitor.run(1, 'client', 'python', python(`for i in range(${lines}): print(f"line {i}")\nraise SystemExit(7)`));
    await visitor.untilOutput(1, 'line 10\r\n');
    visitor.stall();
    await new Promise((resolve) => setTimeout(resolve, 1_500));
    visitor.resume();
    const { end, outputBytes } = await visitor.until('run-ended');
    assert.deepEqual(end, { kind: 'exit', code: 7 });
    const expected = Array.from({ length: lines }, (_, i) => `line ${i}\r\n`).join('');
    assert.equal(outputBytes, expected.length);
    assert.equal(hash(visitor.output(1)), hash(expected));
  });

  test('a program that ends while its reader stalls loses nothing', async () => {
    await using visitor = await visit(runner.address);
    visitor.run(1, 'client', 'python', python('import time\nprint("ready")\ntime.sleep(0.5)\nprint("x" * 3000)'));
    await visitor.untilOutput(1, 'ready');
    visitor.stall();
    await new Promise((resolve) => setTimeout(resolve, 2_000));
    visitor.resume();
    await visitor.until('run-ended');
    assert.equal(visitor.output(1), `ready\r\n${'x'.repeat(3000)}\r\n`);
  });

  test('output that nobody acknowledges is held back in the program', async () => {
    await using visitor = await visit(runner.address, { acknowledge: false });
    visitor.run(1, 'client', 'python', python('while True: print("y" * 100)'));
    await eventually('a window of output arrives', () => visitor.outputBytes(1) > UNACKNOWLEDGED_HIGH_BYTES);
    await new Promise((resolve) => setTimeout(resolve, 1_000));
    const received = visitor.outputBytes(1);
    assert.ok(received < UNACKNOWLEDGED_HIGH_BYTES * 1.5, `${received} bytes arrived`);
  });

  test('what is typed reaches the program, and the size of the terminal too', async () => {
    await using visitor = await visit(runner.address);
    visitor.run(1, 'client', 'python', python('import os\nname = input("name? ")\nprint("hello", name, os.get_terminal_size())'));
    await visitor.untilOutput(1, 'name? ');
    visitor.say({ type: 'resize', run: 1, columns: 101, rows: 33 });
    visitor.type(1, 'Ada\r');
    await visitor.until('run-ended');
    assert.match(visitor.output(1), /hello Ada os\.terminal_size\(columns=101, lines=33\)/);
  });

  test('Ctrl+C interrupts the program, not the sandbox around it', async () => {
    await using visitor = await visit(runner.address);
    const source =
      'import time\ntry:\n  print("waiting")\n  time.sleep(60)\nexcept KeyboardInterrupt:\n  print("interrupted")\n  raise SystemExit(5)';
    visitor.run(1, 'client', 'python', python(source));
    await visitor.untilOutput(1, 'waiting');
    visitor.type(1, '\x03');
    const { end } = await visitor.until('run-ended');
    assert.deepEqual(end, { kind: 'exit', code: 5 });
    assert.match(visitor.output(1), /interrupted/);
  });

  test('Stop lets a program say goodbye', async () => {
    await using visitor = await visit(runner.address);
    const source =
      'import signal, time\nsignal.signal(signal.SIGTERM, lambda *_: (print("goodbye"), exit(0)))\nprint("ready")\ntime.sleep(60)';
    visitor.run(1, 'client', 'python', python(source));
    await visitor.untilOutput(1, 'ready');
    visitor.say({ type: 'stop', run: 1 });
    const { end } = await visitor.until('run-ended');
    assert.deepEqual(end, { kind: 'stopped', by: 'learner' });
    assert.match(visitor.output(1), /goodbye/);
  });

  test('Stop kills a program that ignores it, with all that it started', async () => {
    await using visitor = await visit(runner.address);
    const source = [
      'import os, signal, time',
      'signal.signal(signal.SIGTERM, signal.SIG_IGN)',
      'for _ in range(5):',
      '  if os.fork() == 0:',
      '    os.setsid()',
      '    time.sleep(60)',
      'print("ready")',
      'time.sleep(60)',
    ].join('\n');
    visitor.run(1, 'client', 'python', python(source));
    await visitor.untilOutput(1, 'ready');
    visitor.say({ type: 'stop', run: 1 });
    const { end, durationMs } = await visitor.until('run-ended');
    assert.deepEqual(end, { kind: 'stopped', by: 'learner' });
    assert.ok(durationMs < 3_500, `${durationMs} ms`);
    // Only this run's processes are in its lab: a second program sees none of them.
    visitor.run(2, 'client', 'python', python('import os\nprint([p for p in os.listdir("/proc") if p.isdigit()])'));
    await visitor.until('run-ended', (event) => event.run === 2);
    assert.match(visitor.output(2), /^\['1', '2'\]\r\n$/);
  });

  const LIMITS = [
    { name: 'loops', source: 'while True: pass', end: { kind: 'limit', limit: 'cpu-time', value: 1, unit: 's' } },
    {
      name: 'never ends',
      source: 'print("kept")\nimport time\ntime.sleep(60)',
      end: { kind: 'limit', limit: 'wall-time', value: 4, unit: 's' },
    },
    {
      name: 'floods',
      source: 'print("kept")\nwhile True: print("y" * 1000)',
      end: { kind: 'limit', limit: 'output', value: 8, unit: 'MiB' },
    },
    { name: 'forks', source: FORK_BOMB, end: { kind: 'limit', limit: 'wall-time', value: 4, unit: 's' } },
    {
      name: 'stops itself and its group',
      source: 'import os, signal\nprint("kept")\nos.kill(0, signal.SIGSTOP)',
      end: { kind: 'limit', limit: 'wall-time', value: 4, unit: 's' },
    },
    {
      name: 'fills a file',
      // Python ignores the signal and would raise an OSError.
      source:
        'import signal\nsignal.signal(signal.SIGXFSZ, signal.SIG_DFL)\nwith open("big", "wb") as f:\n  while True: f.write(bytes(1 << 20))',
      end: { kind: 'limit', limit: 'file-size', value: 64, unit: 'MiB' },
    },
  ] as const;

  for (const { name, source, end } of LIMITS) {
    test(`a program that ${name} is stopped, the limit is named, the output is kept`, async () => {
      await using visitor = await visit(runner.address);
      visitor.run(1, 'client', 'python', python(source));
      const ended = await visitor.until('run-ended');
      assert.deepEqual(ended.end, end);
      if (source.includes('kept')) assert.match(visitor.output(1), /kept/);
      assert.equal(ended.outputBytes, visitor.outputBytes(1));
    });
  }

  test('a program that kills its whole process group ends itself alone', async () => {
    await using visitor = await visit(runner.address);
    visitor.run(1, 'client', 'python', python('import os\nprint("before")\nos.kill(0, 9)'));
    const { end } = await visitor.until('run-ended');
    assert.deepEqual(end, { kind: 'signal', signal: 'SIGKILL' });
    assert.match(visitor.output(1), /before/);
  });

  test('a program cannot forge the end of its run', async () => {
    await using visitor = await visit(runner.address);
    visitor.run(1, 'client', 'python', python(`print("\\x1f" + "0" * 32 + "0;", "still here")\nraise SystemExit(9)`));
    const { end } = await visitor.until('run-ended');
    assert.deepEqual(end, { kind: 'exit', code: 9 });
    assert.match(visitor.output(1), /still here/);
  });

  test('a terminal left with stopped output and changed modes still tells the end', async () => {
    await using visitor = await visit(runner.address);
    const source = [
      'import sys, termios, tty',
      'tty.setraw(0)',
      'attributes = termios.tcgetattr(0)',
      'attributes[1] |= 2  # OLCUC: upper case output',
      'termios.tcsetattr(0, termios.TCSANOW, attributes)',
      'print("raw")',
      'sys.stdout.flush()',
      'termios.tcflow(1, termios.TCOOFF)',
    ].join('\n');
    visitor.run(1, 'client', 'python', python(source));
    const { end } = await visitor.until('run-ended');
    assert.deepEqual(end, { kind: 'exit', code: 0 });
  });
});

function hash(text: string): string {
  return createHash('sha256').update(text).digest('hex');
}
