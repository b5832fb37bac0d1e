import { mkdtempSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { runBare } from './bare-run.ts';
import { openClient } from './client.ts';
import { alternate, figureOf } from './figure.ts';
import type { Place } from './place.ts';
import { proportionalBytes } from './processes.ts';
import type { Row } from './row.ts';
import { startRunnerProcess } from './runner-process.ts';
import type { TimedOutput } from './timed-output.ts';

const ROUNDS = 5;
const LOOK_MS = 250;
const LINES = 2_000_000;
/** With the carriage return that a terminal adds to each line: 200 MB. */
const LINE_BYTES = 100;
const OUTPUT_BYTES = LINES * LINE_BYTES;

const FLOOD = `
import sys
block = (b"x" * ${LINE_BYTES - 2} + b"\\n") * 100
for _ in range(${LINES / 100}):
    sys.stdout.buffer.write(block)
`;

/** A flood of output: from the pty through the runner and a WebSocket to a client that acknowledges as a page does. */
export async function throughputRows({ scratch, quiet }: Place): Promise<Row[]> {
  const workDir = mkdtempSync(join(scratch, 'bare-'));
  writeFileSync(join(workDir, 'client.py'), FLOOD);
  await using runner = await startRunnerProcess({ LABS_WARM: '0', RUN_OUTPUT_MIB: '256' });
  await using client = await openClient(runner.address, { mayWait: true });
  // The lab is taken now, before anything counts.
  await client.run('client', 'python', { 'client.py': 'print("hello")\n' });

  // A first flood for what the runner learns once.
  await client.run('client', 'python', { 'client.py': FLOOD });
  const idleBytes = proportionalBytes(runner.pid);
  let mostBytes = 0;
  const look = setInterval(() => {
    mostBytes = Math.max(mostBytes, proportionalBytes(runner.pid));
  }, LOOK_MS);
  const { bare, lab } = await alternate(ROUNDS, quiet, {
    bare: async () => megabytesPerSecond(await runBare(['python3', 'client.py'], workDir)),
    lab: async () => megabytesPerSecond(await client.run('client', 'python', { 'client.py': FLOOD })),
  });
  clearInterval(look);
  return [
    {
      what: 'Terminal: 200 MB through pty, runner, socket, client',
      unit: 'MB/s',
      measured: figureOf(lab),
      baseline: { what: 'bare node-pty', figure: figureOf(bare) },
      target: { kind: 'at-least-times-baseline', value: 0.9 },
    },
    {
      what: 'Memory: runner, at most in the midst of it',
      ...{ unit: 'MB', measured: figureOf([mostBytes / 1e6]) },
      baseline: { what: 'idle before', figure: figureOf([idleBytes / 1e6]) },
      target: { kind: 'at-most-over-baseline', value: 50 },
    },
  ];
}

function megabytesPerSecond({ bytes, firstByteMs, lastByteMs }: TimedOutput): number {
  if (bytes !== OUTPUT_BYTES) throw new Error(`Expected ${OUTPUT_BYTES} bytes of output, found ${bytes}`);
  return bytes / 1e6 / ((lastByteMs - firstByteMs) / 1000);
}
