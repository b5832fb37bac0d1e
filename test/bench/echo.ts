import { mkdtempSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { spawn } from 'node-pty';
import { sandboxCommand } from '../../runner/sandbox/command.ts';
import { DEFAULT_LIMITS } from '../../runner/sandbox/limits.ts';
import { visit } from '../lab/visitor.ts';
import { barePlaces } from './bare-places.ts';
import { alternate, figureOf } from './figure.ts';
import type { Place } from './place.ts';
import type { Row } from './row.ts';
import { startRunnerProcess } from './runner-process.ts';

const ROUNDS = 100;
/** The terminal echoes by itself. */
const WAITING = 'print("ready")\ninput()\n';

/** From a typed character to its echo, by way of socket, runner and terminal, and of a terminal alone. */
export async function echoRows({ scratch, quiet }: Place): Promise<Row[]> {
  const workDir = mkdtempSync(join(scratch, 'bare-'));
  writeFileSync(join(workDir, 'client.py'), WAITING);
  await using runner = await startRunnerProcess({ LABS_WARM: '0' });
  await using visitor = await visit(runner.address);
  visitor.run(1, 'client', 'python', { 'client.py': WAITING });
  await visitor.untilOutput(1, 'ready\r\n');
  using bare = bareTerminal(workDir);
  await bare.until('ready\r\n');

  const inLab = echoes(
    (letter) => visitor.type(1, letter),
    (text) => visitor.untilOutput(1, text),
  );
  const alone = echoes(bare.type, bare.until);
  const samples = await alternate(ROUNDS, quiet, { inLab, alone });
  return [
    {
      what: 'Terminal: a keystroke to its echo, through socket and runner',
      ...{ unit: 'ms', measured: figureOf(samples.inLab), baseline: { what: 'bare node-pty', figure: figureOf(samples.alone) } },
      target: { kind: 'at-most-over-baseline', value: 2 },
    },
  ];
}

/** Types the next letter of a line at each call, and gives the time to its echo. */
function echoes(type: (letter: string) => void, until: (text: string) => Promise<unknown>): () => Promise<number> {
  let line = '';
  return async () => {
    const letter = 'abcdefghij'[line.length % 10] ?? '';
    line += letter;
    const startedAt = performance.now();
    type(letter);
    await until(`ready\r\n${line}`);
    return performance.now() - startedAt;
  };
}

function bareTerminal(workDir: string) {
  const [file = '', ...args] = sandboxCommand(['python3', 'client.py'], 'client', barePlaces(workDir), DEFAULT_LIMITS);
  const env = { PATH: '/usr/sbin:/usr/bin:/sbin:/bin' };
  const pty = spawn(file, args, { cols: 80, rows: 24, cwd: '/', env, encoding: null });
  let printed = '';
  let look = () => {};
  // node-pty gives bytes when `encoding` is null, though its types say string.
  pty.onData((data) => {
    printed += data.toString();
    look();
  });
  return {
    type: (text: string) => pty.write(text),
    until(text: string): Promise<void> {
      const { promise, resolve } = Promise.withResolvers<void>();
      look = () => {
        if (printed.includes(text)) resolve();
      };
      look();
      return promise;
    },
    [Symbol.dispose]: () => pty.kill('SIGKILL'),
  };
}
