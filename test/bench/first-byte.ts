import { mkdtempSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { runBare } from './bare-run.ts';
import { type Client, openClient } from './client.ts';
import { alternate, figureOf } from './figure.ts';
import { untilLabsIdle } from './idle-labs.ts';
import type { Place } from './place.ts';
import type { Quiet } from './quiet.ts';
import type { Row } from './row.ts';
import { type RunnerProcess, startRunnerProcess } from './runner-process.ts';

/** A program in place of a snippet's client, the same program started bare, and what may lie between the two. */
type Hello = {
  title: string;
  snippet: string;
  file: string;
  text: string;
  bare: string[];
  bareTitle: string;
  atMostOverMs: number;
};

const HELLOS: Hello[] = [
  {
    title: 'Python',
    snippet: 'python',
    file: 'client.py',
    text: 'print("hello")\n',
    bare: ['python3', 'client.py'],
    bareTitle: 'bare bwrap',
    atMostOverMs: 10,
  },
  {
    title: 'C',
    snippet: 'c',
    file: 'client.c',
    text: '#include <stdio.h>\nint main(void)\n{\n\tputs("hello");\n}\n',
    // The build and the run of the snippet's manifest, in one sandbox.
    bare: ['sh', '-c', 'gcc -Wall -Wextra -o client client.c && exec ./client'],
    bareTitle: 'bare bwrap: gcc, run',
    atMostOverMs: 25,
  },
];

const LABS_WARM = 2;

/** From the message that starts a hello of one line to the first byte of its output, both as a client sees them. */
export async function firstByteRows(place: Place): Promise<Row[]> {
  await using runner = await startRunnerProcess({ LABS_WARM: String(LABS_WARM) });
  const rows: Row[] = [];
  for (const hello of HELLOS) rows.push(...(await helloRows(hello, runner, place)));
  return [...rows, ...(await clickRows(runner, place))];
}

async function helloRows(hello: Hello, runner: RunnerProcess, { scratch, rounds, quiet }: Place): Promise<Row[]> {
  const workDir = mkdtempSync(join(scratch, 'bare-'));
  writeFileSync(join(workDir, hello.file), hello.text);
  let client: Client | null = null;
  let labsInUse = 0;
  const inLab = async () => {
    if (client === null) throw new Error('Expected a session, found none');
    return (await client.run('client', hello.snippet, { [hello.file]: hello.text })).firstByteMs;
  };

  const samples = await alternate(
    rounds,
    quietLabs(runner, quiet, () => labsInUse),
    {
      bare: async () => (await runBare(hello.bare, workDir)).firstByteMs,
      /** A session's first run takes a lab from the pool. */
      async first() {
        client = await openClient(runner.address);
        labsInUse = 1;
        return inLab();
      },
      async again() {
        const firstByteMs = await inLab();
        await client?.[Symbol.asyncDispose]();
        labsInUse = 0;
        return firstByteMs;
      },
    },
  );

  const row = (what: string, measured: number[]): Row => ({
    what: `${hello.title}: run message to first byte, ${what}`,
    unit: 'ms',
    measured: figureOf(measured),
    baseline: { what: hello.bareTitle, figure: figureOf(samples.bare) },
    target: { kind: 'at-most-over-baseline', value: hello.atMostOverMs },
  });
  return [row('lab from the pool', samples.first), row('same lab again', samples.again)];
}

/** What a newcomer waits for: both programs of the unchanged snippet, from Run to the final verdict. */
async function clickRows(runner: RunnerProcess, { rounds, quiet }: Place): Promise<Row[]> {
  const rows: Row[] = [];
  for (const { title, snippet } of HELLOS) {
    const { verdict } = await alternate(
      Math.ceil(rounds / 2),
      quietLabs(runner, quiet, () => 0),
      {
        async verdict() {
          await using client = await openClient(runner.address);
          return (await client.click(snippet)).verdictMs;
        },
      },
    );
    rows.push({
      what: `${title}: Run to final verdict, both programs`,
      unit: 'ms',
      measured: figureOf(verdict),
      baseline: null,
      target: null,
    });
  }
  return rows;
}

/** The pool is filled up first: what the runner does for the next visitor is no part of this one's wait. */
function quietLabs(runner: RunnerProcess, quiet: Quiet, labsInUse: () => number): { wait(): Promise<void> } {
  return {
    async wait() {
      await untilLabsIdle(runner.pid, LABS_WARM + labsInUse());
      await quiet.wait();
    },
  };
}
